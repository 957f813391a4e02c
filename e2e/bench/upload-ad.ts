import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { type UploadsApi, uploadFile } from '@marquee/shared/upload.ts'

/** Uploads a file of the disk as an ad. */
export function uploadAd(api: UploadsApi, path: string) {
  return uploadFile({ api, source: new File([readFileSync(path)], basename(path)), completion: () => ({ ad: {} }) })
    .done
}
