import type { AdDraft } from '@marquee/shared/ads.ts'
import type { CompletedUpload } from '@marquee/shared/uploads.ts'
import type { Actor } from '../src/access.ts'
import type { TestApp } from './test-app.ts'

type Upload = { readonly bytes: Uint8Array; readonly fileName: string; readonly ad?: AdDraft; readonly poster?: string }

/** Uploads bytes as `actor`, part by part, through the app without a socket. */
export async function uploadThrough(
  app: TestApp,
  actor: Actor,
  { bytes, fileName, ad, poster }: Upload,
): Promise<CompletedUpload> {
  const { uploads } = app.as(actor)
  const { id, partSize, partCount } = await uploads.create({ fileName, size: bytes.byteLength })
  const { parts } = await uploads.sign({ id, parts: Array.from({ length: partCount }, (_, at) => at + 1) })
  for (const { part, url } of parts) {
    const body = new Uint8Array(bytes.subarray((part - 1) * partSize, part * partSize))
    const answer = await app.fetch(url, { method: 'PUT', body, headers: { 'content-length': String(body.byteLength) } })
    if (!answer.ok) throw new Error(`Part ${part} was refused: ${await answer.text()}`)
  }
  return uploads.complete({ id, ...(ad && { ad }), ...(poster && { poster }) })
}
