import {
  CustomSource,
  EncodedPacketSink,
  Input,
  type InputTrack,
  type InputVideoTrack,
  MATROSKA,
  MP4,
  QTFF,
  WEBM,
} from 'mediabunny'
import type { JudgeSource } from './judge.source.ts'
import { audioCodecs, type MediaFacts, type MediaType, videoCodecs } from './media.ts'
import { MediaRefused } from './refused.ts'

const cacheBytes = 2 * 1024 * 1024
const codecNames: Record<string, string> = {
  hevc: 'HEVC',
  prores: 'ProRes',
  mp4v: 'MPEG-4 Visual',
  vorbis: 'Vorbis',
  flac: 'FLAC',
  ac3: 'AC-3',
  eac3: 'E-AC-3',
}
const containers: Record<string, MediaType> = {
  MP4: 'video/mp4',
  'QuickTime File Format': 'video/quicktime',
  WebM: 'video/webm',
}

/** What a film is, read from its container: some kilobytes of its start and end, never the whole. */
export async function judgeFilm(source: JudgeSource): Promise<MediaFacts> {
  using input = new Input({
    formats: [MP4, QTFF, WEBM, MATROSKA],
    source: new CustomSource({
      getSize: () => source.size,
      read: (start, end) => source.read(start, end),
      maxCacheSize: cacheBytes,
      prefetchProfile: 'fileSystem',
    }),
  })
  const name = (await input.getFormat().catch(cutOff)).name
  const type = containers[name]
  if (!type) throw new MediaRefused('container', { found: name === 'Matroska' ? 'MKV' : name })
  await input.getTracks().catch(cutOff)
  const video = await input.getPrimaryVideoTrack()
  if (!video) throw new MediaRefused('no-video-track')
  const audio = await input.getPrimaryAudioTrack()
  const videoCodec = await playable(video, videoCodecs, 'video-codec')
  const audioCodec = audio && (await playable(audio, audioCodecs, 'audio-codec'))
  const duration = await durationOf(video)
  const [width, height] = await Promise.all([video.getDisplayWidth(), video.getDisplayHeight()])
  if (!(width > 0 && height > 0)) throw new MediaRefused('cut-off')
  const durationMs = Math.max(1, Math.round(duration * 1000))
  return { type, kind: 'film', width, height, durationMs, videoCodec, audioCodec }
}

async function playable(
  track: InputTrack,
  codecs: readonly string[],
  reason: 'video-codec' | 'audio-codec',
): Promise<string> {
  const codec = await track.getCodec()
  if (codec !== null && codecs.includes(codec)) return codec
  const id = track.internalCodecId
  const name = codec ?? (typeof id === 'string' ? id.trim() : null)
  const found = name === null ? null : (codecNames[name] ?? name.toUpperCase())
  throw new MediaRefused(reason, found === null ? {} : { found })
}

/** Reads the first and the last picture, so a film whose last bytes are missing does not pass. */
async function durationOf(video: InputVideoTrack): Promise<number> {
  const sink = new EncodedPacketSink(video)
  try {
    const first = await sink.getFirstPacket()
    const last = await sink.getPacket(Number.POSITIVE_INFINITY)
    if (first && last && last.data.byteLength > 0) return last.timestamp + last.duration
  } catch (error) {
    throw refusedBy(error)
  }
  throw new MediaRefused('cut-off')
}

/** A container that can't be read to its end: whatever was missing, the cure is the same. */
function cutOff(error: unknown): never {
  throw refusedBy(error)
}

function refusedBy(error: unknown): unknown {
  // Failures of the source itself (disk, network) are not the film's.
  if (error instanceof MediaRefused || (error instanceof Error && error.name === 'StorageError')) return error
  return new MediaRefused('cut-off')
}
