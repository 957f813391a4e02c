import { ensureCan } from '../access.ts'
import { callerOf } from '../calls.ts'
import { hashForm, receiveForm, type SentForm } from '../features/uploads/uploads.http.ts'
import { limitCaller } from '../rate-limits.ts'
import type { ByteSource } from '../storage/storage.ts'
import { repeatable } from './answer.ts'
import type { Asked } from './call.ts'
import { once } from './once.ts'

export const uploadPath = '/api/upload'

/** `POST /api/upload`: who calls is known before a byte of the file is read. */
export async function takeUpload(asked: Asked, ownBody: (() => ByteSource) | undefined): Promise<Response> {
  const { deps, request, facts, who } = asked
  const actor = await who.actor()
  facts.caller = callerOf(actor)
  limitCaller(deps, actor)
  ensureCan(actor, 'ads:write')
  const sent: SentForm = {
    contentType: request.headers.get('content-type'),
    contentLength: request.headers.get('content-length'),
    body: ownBody ? ownBody() : request.body,
    ownsPieces: ownBody !== undefined,
  }
  const call = async () => {
    const { answer, requestHash } = await receiveForm(deps, actor, sent)
    return { answer: { status: 200, body: JSON.stringify(answer) }, requestHash }
  }
  return repeatable(await once(asked, { what: `POST ${uploadPath}`, requestHash: () => hashForm(actor, sent) }, call))
}
