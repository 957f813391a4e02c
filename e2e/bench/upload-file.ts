import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { uploadFile as send, type UploadsApi } from '@marquee/shared/upload.ts'

/** Uploads a file of the disk as an ad. */
export function uploadFile(api: UploadsApi, path: string) {
  return send({ api, source: new File([readFileSync(path)], basename(path)), completion: () => ({ ad: {} }) }).done
}
