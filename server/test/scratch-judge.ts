import { judge } from '@marquee/shared/judge.ts'
import { cutOff, film } from './fixtures/films.ts'

const names = [
  'h264-aac.mp4',
  'h264-silent.mp4',
  'h264-faststart.mp4',
  'h264-fragments.mp4',
  'h264.mov',
  'h264-mp3.mp4',
  'av1-opus.mp4',
  'vp8-opus.webm',
  'vp9-opus.webm',
  'vp9-live.webm',
  'hevc.mp4',
  'hevc.mov',
  'prores.mov',
  'h264.mkv',
  'h264.avi',
  'mpeg4.mp4',
  'h264-ac3.mp4',
  'vp8-vorbis.webm',
  'h264.ts',
  'h264.flv',
  'sound.m4a',
  'sound.mp3',
  'encrypted.mp4',
] as const
const src = (b: Uint8Array<ArrayBuffer>) => ({ size: b.length, read: async (s: number, e: number) => b.slice(s, e) })
for (const n of names) {
  const b = await film(n)
  const t = performance.now()
  try {
    console.log(n, b.length, JSON.stringify(await judge(src(b))), (performance.now() - t).toFixed(0))
  } catch (e) {
    console.log(n, b.length, String(e), (e as any).reason)
  }
  for (const p of [0.3, 0.6, 0.98]) {
    try {
      await judge(src(cutOff(b, p)))
      console.log('   CUT PASSED', p)
    } catch (e) {
      if ((e as any).reason !== 'cut-off') console.log('   cut', p, String(e), (e as any).reason ?? (e as any).stack)
    }
  }
}
