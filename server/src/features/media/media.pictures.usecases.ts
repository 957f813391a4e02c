import { ensurePictureSize } from '@marquee/shared/judge.ts'
import { type MediaType, maxPictureSide, maxPixels } from '@marquee/shared/media.ts'
import { MediaRefused } from '@marquee/shared/refused.ts'
import type { Sharp } from 'sharp'
import type { Deps } from '../../deps.ts'
import { makeTurns } from '../../lib/in-turn.ts'
import { StorageError } from '../../storage/storage.ts'

export type Picture = { readonly width: number; readonly height: number; readonly poster: Uint8Array<ArrayBuffer> }
export const posterType = { extension: 'webp', width: 640 } as const

/** Decoding takes up to 200 MB, so one picture at a time. */
const oneAtATime = makeTurns()

/** Size and poster of a stored picture. It is decoded whole, so a damaged or cut-off one is refused. */
export async function readPicture(deps: Deps, key: string, type: MediaType): Promise<Picture> {
  await ensureComplete(deps, key, type)
  return oneAtATime(async () => draw(await open(deps, key)))
}

/** Checks and redraws a poster that somebody sent; its own bytes are not kept. */
export function drawPoster(bytes: Uint8Array<ArrayBuffer>): Promise<Picture> {
  return oneAtATime(async () => draw(await loadSharp(bytes)))
}

async function draw(image: Sharp): Promise<Picture> {
  const metadata = await image.metadata().catch(damaged)
  const { width, height } = metadata.autoOrient
  ensurePictureSize(width, height)
  const drawn = image.autoOrient().resize({ width: posterType.width, withoutEnlargement: true }).webp({ quality: 78 })
  const poster = await drawn.toBuffer().catch(damaged)
  return { width, height, poster: new Uint8Array(poster) }
}

async function open(deps: Deps, key: string): Promise<Sharp> {
  const file = deps.storage.file?.(key)
  if (file !== undefined) return loadSharp(file)
  const found = await deps.storage.get(key)
  if (!found) throw new StorageError('not-found', `There is no "${key}"`)
  return loadSharp(await new Response(found.body).bytes())
}

/** sharp brings 20 MB of code, so it is loaded when the first picture comes. */
async function loadSharp(input: string | Uint8Array<ArrayBuffer>): Promise<Sharp> {
  const { default: sharp } = await import('sharp')
  sharp.cache(false)
  sharp.concurrency(1)
  return sharp(input, {
    limitInputPixels: Math.max(maxPixels, maxPictureSide),
    failOn: 'warning',
    sequentialRead: true,
  })
}

/** sharp decodes the first frame of an animation; whether the file goes on to its end its own frame tells. */
async function ensureComplete(deps: Deps, key: string, type: MediaType): Promise<void> {
  const info = await deps.storage.head(key)
  if (!info) throw new StorageError('not-found', `There is no "${key}"`)
  const read = async (start: number, end: number) => {
    const found = await deps.storage.get(key, { range: { start, end } })
    return found ? new Response(found.body).bytes() : new Uint8Array()
  }
  if (type === 'image/webp') {
    const head = await read(4, 7)
    if (head.length < 4 || new DataView(head.buffer).getUint32(0, true) + 8 > info.size)
      throw new MediaRefused('picture-damaged')
  }
  if (type === 'image/gif') {
    const tail = await read(Math.max(0, info.size - 64), info.size - 1)
    if (tail.findLast((byte) => byte !== 0) !== 0x3b) throw new MediaRefused('picture-damaged')
  }
}

function damaged(error: unknown): never {
  if (error instanceof Error && /pixel limit/i.test(error.message)) throw new MediaRefused('picture-too-big')
  throw new MediaRefused('picture-damaged')
}
