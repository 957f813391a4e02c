// Makes the three sample ads of this folder: two short films and a picture, drawn here and so free of anybody's rights.
// Needs ffmpeg on PATH and the fonts DejaVu and Noto CJK. From anywhere: node examples/make.mjs
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { coffee } from './coffee.mjs'
import { flowers } from './flowers.mjs'
import { sign } from './sign.mjs'

const sharp = createRequire(new URL('../server/package.json', import.meta.url))('sharp')
const framesPerSecond = 25
const file = (name) => fileURLToPath(new URL(name, import.meta.url))

await sharp(Buffer.from(sign())).jpeg({ quality: 82, mozjpeg: true }).toFile(file('open-until-nine.jpg'))
await film('morning-coffee.mp4', coffee, [
  // A soft chord that swells and fades, so that a screen with sound can be heard.
  ...[
    '-f',
    'lavfi',
    '-i',
    `aevalsrc='0.05*(sin(2*PI*262*t)+sin(2*PI*330*t)+sin(2*PI*392*t))*sin(PI*t/${coffee.seconds})^2':d=${coffee.seconds}:s=48000`,
  ],
  ...[
    '-c:v',
    'libx264',
    '-preset',
    'veryslow',
    '-crf',
    '25',
    '-pix_fmt',
    'yuv420p',
    '-c:a',
    'aac',
    '-b:a',
    '64k',
    '-movflags',
    '+faststart',
  ],
])
await film('fresh-flowers.webm', flowers, [
  '-c:v',
  'libvpx-vp9',
  '-crf',
  '38',
  '-b:v',
  '0',
  '-row-mt',
  '1',
  '-pix_fmt',
  'yuv420p',
  '-an',
])

/** Draws each frame as SVG and hands the pixels to ffmpeg. */
async function film(name, { width, height, seconds, frame }, output) {
  const input = [
    '-f',
    'rawvideo',
    '-pixel_format',
    'rgb24',
    '-video_size',
    `${width}x${height}`,
    '-framerate',
    String(framesPerSecond),
    '-i',
    '-',
  ]
  const ffmpeg = spawn('ffmpeg', ['-loglevel', 'error', '-y', ...input, ...output, '-shortest', file(name)], {
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  const ended = once(ffmpeg, 'close')
  const frames = seconds * framesPerSecond
  for (let at = 0; at < frames; at++) {
    const pixels = await sharp(Buffer.from(frame(at / frames)))
      .removeAlpha()
      .raw()
      .toBuffer()
    if (!ffmpeg.stdin.write(pixels)) await once(ffmpeg.stdin, 'drain')
  }
  ffmpeg.stdin.end()
  const [code] = await ended
  if (code !== 0) throw new Error(`ffmpeg ended with ${code} at "${name}"`)
  await still(name, frame)
}

/** The still that the panel shows. A browser takes one itself; the script of `npm run demo` has no browser. */
async function still(name, frame) {
  const path = file(name.replace(/\.\w+$/, '.poster.jpg'))
  await sharp(Buffer.from(frame(0.4)))
    .resize(640)
    .jpeg({ quality: 82, mozjpeg: true })
    .toFile(path)
}
