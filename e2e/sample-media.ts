import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { uploadFile } from '@marquee/shared/upload.ts'
import sharp from 'sharp'
import type { HttpClient } from '../server/test/http-client.ts'

/** Bright colours that no codec turns into each other, and none of them dark. */
export const colours = {
  red: [235, 60, 60],
  green: [60, 200, 80],
  blue: [70, 110, 240],
  yellow: [240, 220, 60],
  pink: [240, 110, 220],
} as const
export type Colour = keyof typeof colours

/** A film of one colour in which a small bar moves, with a tone. */
export function colourFilm(colour: Colour, seconds: number): Uint8Array<ArrayBuffer> {
  const file = join(tmpdir(), `marquee-${process.pid}-${colour}-${seconds}.mp4`)
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', `color=c=${hexOf(colour)}:s=640x360:r=25:d=${seconds}`],
    ...[
      '-f',
      'lavfi',
      '-i',
      `sine=frequency=330:duration=${seconds}`,
      '-vf',
      "drawbox=x='mod(t*200,600)':y=20:w=40:h=20:color=white:t=fill",
    ],
    ...[
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-pix_fmt',
      'yuv420p',
      '-movflags',
      '+faststart',
      '-c:a',
      'aac',
      '-shortest',
      file,
    ],
  ])
  return new Uint8Array(readFileSync(file))
}

/**
 * A film as phones store one that was held upright: the frames lie on their side, and the header says to turn them.
 * Turned, it is 360 × 640 with red above blue.
 */
export function sidewaysFilm(): Uint8Array<ArrayBuffer> {
  const file = join(tmpdir(), `marquee-${process.pid}-sideways.mp4`)
  const half = (colour: Colour) => ['-f', 'lavfi', '-i', `color=c=${hexOf(colour)}:s=320x360:r=25:d=2`]
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-y', ...half('red'), ...half('blue'), '-filter_complex', 'hstack'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', file],
  ])
  const bytes = readFileSync(file)
  // Written here, because every ffmpeg has another option for it: a quarter turn to the right, and back into sight.
  const turn = [0, 0x10000, 0, -0x10000, 0, 0, 360 * 0x10000, 0, 0x40000000]
  const matrixAt = bytes.indexOf('tkhd') + 44
  for (const [at, value] of turn.entries()) bytes.writeInt32BE(value, matrixAt + at * 4)
  return new Uint8Array(bytes)
}

export async function colourPicture(colour: Colour, [width, height] = [640, 360]): Promise<Uint8Array<ArrayBuffer>> {
  const [r, g, b] = colours[colour]
  return new Uint8Array(
    await sharp({ create: { width, height, channels: 3, background: { r, g, b } } })
      .png()
      .toBuffer(),
  )
}

function hexOf(colour: Colour): string {
  return `0x${colours[colour].map((part) => part.toString(16).padStart(2, '0')).join('')}`
}

/** Uploads an ad that fills the screen, as a script would. */
export async function uploadAd(
  { trpc }: HttpClient,
  { bytes, name, durationMs }: { bytes: Uint8Array<ArrayBuffer>; name: string; durationMs?: number },
) {
  const completion = () => ({ ad: { fit: 'cover' as const, ...(durationMs !== undefined && { durationMs }) } })
  return uploadFile({ api: trpc.uploads, source: new File([bytes], name), completion }).done
}

/** Which of the colours a pixel is nearest to, or `dark` for black and the player's background. */
export function nearestColour(pixel: readonly number[]): Colour | 'dark' {
  if (Math.max(...pixel) < 90) return 'dark'
  const distance = (name: Colour) => colours[name].reduce((sum, part, at) => sum + (part - (pixel[at] ?? 0)) ** 2, 0)
  return (Object.keys(colours) as Colour[]).sort((a, b) => distance(a) - distance(b))[0] ?? 'dark'
}
