const longestSide = 640
const mostBytes = 200 * 1024
/** A film that gives no frame by then is sent without one; the server then shows a stand-in. */
const patienceMs = 8_000

/** A still of a film as a JPEG data URL, taken about a second in; undefined where this browser can't. */
export async function takePoster(file: Blob): Promise<string | undefined> {
  const url = URL.createObjectURL(file)
  const video = document.createElement('video')
  try {
    video.muted = true
    video.playsInline = true
    video.preload = 'auto'
    video.src = url
    await once(video, 'loadedmetadata')
    video.currentTime = Number.isFinite(video.duration) ? Math.min(1, video.duration / 2) : 0
    await once(video, 'seeked')
    return draw(video)
  } catch {
    return undefined
  } finally {
    video.removeAttribute('src')
    video.load()
    URL.revokeObjectURL(url)
  }
}

function draw(video: HTMLVideoElement): string | undefined {
  const scale = Math.min(1, longestSide / Math.max(video.videoWidth, video.videoHeight))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(video.videoWidth * scale)
  canvas.height = Math.round(video.videoHeight * scale)
  if (canvas.width === 0 || canvas.height === 0) return undefined
  canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height)
  for (const quality of [0.82, 0.6, 0.4]) {
    const jpeg = canvas.toDataURL('image/jpeg', quality)
    // Base64 writes three bytes as four letters.
    if ((jpeg.length * 3) / 4 <= mostBytes) return jpeg
  }
  return undefined
}

function once(video: HTMLVideoElement, name: 'loadedmetadata' | 'seeked'): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`No "${name}" in time`)), patienceMs)
    const end = (tell: () => void) => () => {
      clearTimeout(late)
      tell()
    }
    video.addEventListener(name, end(resolve), { once: true })
    video.addEventListener(
      'error',
      end(() => reject(video.error ?? new Error('The browser can’t play it'))),
      { once: true },
    )
  })
}
