import type { AdState } from '@marquee/shared/ads.ts'
import { toAdvertisement } from '@marquee/shared/agents.answers.ts'
import type * as inputs from '@marquee/shared/agents.ts'
import { maxSignedParts } from '@marquee/shared/agents.ts'
import { createUpload as createInput, type UploadState } from '@marquee/shared/uploads.ts'
import type { z } from 'zod'
import type { Actor } from '../../access.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { partLength } from '../../storage/storage.ts'
import type { Progress } from '../../trpc.ts'
import { checkDraft } from '../ads/ads.draft.usecases.ts'
import { ensureQuotaLikely } from '../tenants/quota.usecases.ts'
import * as uploads from '../uploads/uploads.usecases.ts'
import { carryOut, spoken, toDraft } from './agents.change.usecases.ts'

/** Begins an upload and signs the addresses of its first parts. */
export async function begin(deps: Deps, actor: Actor, input: z.output<typeof inputs.createUpload>) {
  const { filename, size_bytes, sha256, dry_run } = input
  const wanted = createInput.parse({ fileName: filename, size: size_bytes, ...(sha256 && { sha256 }) })
  const state = await carryOut(deps, dry_run, (inside) => uploads.createUpload(inside, actor, wanted))
  const parts = dry_run ? [] : await sign(deps, actor, { state, wanted: firstMissing(state) })
  const { message, would } = spoken(dry_run, {
    did: howToGoOn(state, parts.length),
    would: `Begin an upload in ${state.partCount} parts of ${state.partSize} bytes`,
  })
  return { ...describe(state, parts), upload_id: dry_run ? null : state.id, message, dry_run, would }
}

/** What has arrived of an upload, and addresses for parts that are missing (or for those that are asked for). */
export async function goOn(deps: Deps, actor: Actor, input: z.output<typeof inputs.continueUpload>) {
  const state = await uploads.getUpload(deps, actor, { id: input.upload_id })
  const wanted = input.parts ?? firstMissing(state)
  const parts = wanted.length > 0 ? await sign(deps, actor, { state, wanted }) : []
  return { ...describe(state, parts), message: howToGoOn(state, parts.length), dry_run: false, would: null }
}

type Completion = z.output<typeof inputs.completeUpload> & {
  readonly progress?: Progress | undefined
  readonly signal?: AbortSignal | undefined
}

/** Puts the parts together, judges what came, and makes an advertisement of it. */
export async function complete(deps: Deps, actor: Actor, input: Completion) {
  const { upload_id, dry_run, progress, signal, ...fields } = input
  const ad = toDraft(fields)
  if (dry_run) return rehearseCompletion(deps, actor, { id: upload_id, ad })
  const done = await uploads.completeUpload(deps, actor, { id: upload_id, ad, progress, signal })
  return {
    type: 'upload_complete_response',
    ...spoken(false, { did: doneMessage(done.ad?.state), would: '' }),
    advertisement: done.ad && toAdvertisement(done.ad, actor.tenantId),
    duplicate: done.duplicate,
  } as const
}

/** All that can be known without putting the parts together: that they are there, and that the ad's fields fit. */
async function rehearseCompletion(
  deps: Deps,
  actor: Actor,
  { id, ad }: { id: string; ad: ReturnType<typeof toDraft> },
) {
  const state = await uploads.getUpload(deps, actor, { id })
  checkDraft(ad)
  await ensureQuotaLikely(deps, { tenantId: actor.tenantId, kind: 'ads', more: 1 })
  const missing = missingParts(state)
  if (missing.length > 0)
    throw new AppError(
      'parts-missing',
      `Parts are missing: ${listed(missing)}. Send them and complete the upload again`,
    )
  return {
    type: 'upload_complete_response',
    ...spoken(true, {
      did: '',
      would: `Put the ${state.partCount} parts together, and make an advertisement of them if the content can be played`,
    }),
    advertisement: null,
    duplicate: false,
  } as const
}

export async function cancel(deps: Deps, actor: Actor, input: z.output<typeof inputs.cancelUpload>) {
  const { upload_id, dry_run } = input
  await carryOut(deps, dry_run, (inside) => uploads.cancelUpload(inside, actor, { id: upload_id }))
  return {
    type: 'upload_cancel_response',
    ...spoken(dry_run, { did: 'The upload is forgotten', would: 'Forget the upload and the parts that have arrived' }),
    upload_id,
  } as const
}

function doneMessage(state: AdState | undefined): string {
  return state === 'live' ? 'The advertisement is in the loop' : `The advertisement is there; its state is "${state}"`
}

function missingParts({ partCount, arrived }: UploadState): number[] {
  const there = new Set(arrived)
  return Array.from({ length: partCount }, (_, at) => at + 1).filter((part) => !there.has(part))
}

function firstMissing(state: UploadState): number[] {
  return missingParts(state).slice(0, maxSignedParts)
}

async function sign(deps: Deps, actor: Actor, { state, wanted }: { state: UploadState; wanted: number[] }) {
  const { parts } = await uploads.signParts(deps, actor, { id: state.id, parts: wanted })
  return parts.map(({ part, url, expiresAt }) => ({
    part,
    url,
    size_bytes: partLength(state, part) ?? 0,
    expires_at: expiresAt,
  }))
}

type Signed = Awaited<ReturnType<typeof sign>>

function describe(state: UploadState, parts: Signed) {
  return {
    type: 'upload_response',
    upload_id: state.id,
    filename: state.fileName,
    size_bytes: state.size,
    part_size: state.partSize,
    part_count: state.partCount,
    arrived: state.arrived,
    parts,
    expires_at: state.expiresAt,
  } as const
}

function howToGoOn(state: UploadState, signed: number): string {
  const missing = missingParts(state).length
  if (missing === 0) return 'All parts have arrived. Call complete_upload'
  const rest = missing > signed ? ', then call continue_upload for the addresses of the others' : ''
  return `Send the bytes of each part by PUT to its address${rest}. When all ${state.partCount} parts have arrived, call complete_upload`
}

function listed(parts: readonly number[]): string {
  return parts.slice(0, 10).join(', ') + (parts.length > 10 ? ' …' : '')
}
