import type { AdDraft } from '@marquee/shared/ads.ts'
import { startUpload } from '@marquee/shared/upload.ts'
import type { CompletedUpload } from '@marquee/shared/uploads.ts'
import type { Actor } from '../src/access.ts'
import type { TestApp, TestCaller } from './test-app.ts'

/** Uploads bytes as `actor` with the shared uploader, its parts going through the app without a socket. */
export async function uploadThrough(
  app: TestApp,
  actor: Actor,
  { bytes, fileName, ad }: { bytes: Uint8Array; fileName: string; ad?: AdDraft },
): Promise<CompletedUpload> {
  const caller = app.as(actor)
  const upload = startUpload({
    api: apiOf(caller),
    source: new File([new Uint8Array(bytes)], fileName),
    fetch: (url, init) => app.fetch(String(url), init),
    ...(ad && { completion: () => ({ ad }) }),
  })
  return upload.done
}

/** The caller in the shape of the typed client. */
export function apiOf({ uploads }: TestCaller) {
  return {
    create: { mutate: uploads.create },
    list: { query: uploads.list },
    get: { query: uploads.get },
    sign: { mutate: uploads.sign },
    complete: { mutate: uploads.complete },
    cancel: { mutate: uploads.cancel },
  }
}
