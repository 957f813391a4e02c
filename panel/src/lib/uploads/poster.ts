const longestSide = 640
const mostBytes = 200 * 1024
/** A film that gives no frame by then is sent without one; the server then shows a stand-in. */
const patienceMs = 8_000
const frameMs = 400
/** A picture with nothing brighter than this, of 255, is black. */
const darkest = 24

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
    return encode(await brightFrame(video))
  } catch {
    return undefined
  } finally {
    video.removeAttribute('src')
    video.load()
    URL.revokeObjectURL(url)
  }
}

/** Films fade in from black, and a browser may draw black just after a seek: then a later moment is tried. */
async function brightFrame(video: HTMLVideoElement): Promise<HTMLCanvasElement> {
  const length = Number.isFinite(video.duration) ? video.duration : 0
  const canvas = canvasFor(video)
  for (const moment of [Math.min(1, length / 2), length * 0.3, length * 0.6]) {
    video.currentTime = moment
    await once(video, 'seeked')
    await presented(video)
    canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height)
    if (!isDark(canvas)) break
  }
  return canvas
}

function canvasFor(video: HTMLVideoElement): HTMLCanvasElement {
  const scale = Math.min(1, longestSide / Math.max(video.videoWidth, video.videoHeight))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(video.videoWidth * scale)
  canvas.height = Math.round(video.videoHeight * scale)
  if (canvas.width === 0 || canvas.height === 0) throw new Error('The film has no picture')
  return canvas
}

/** Until the frame of a seek is there to be drawn; browsers that do not tell get a moment. */
function presented(video: HTMLVideoElement): Promise<void> {
  return new Promise((resolve) => {
    video.requestVideoFrameCallback?.(() => resolve())
    setTimeout(resolve, frameMs)
  })
}

function isDark(canvas: HTMLCanvasElement): boolean {
  const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? []
  // Every 64th pixel tells enough.
  for (let at = 0; at < pixels.length; at += 4 * 64) {
    if (Math.max(pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0) > darkest) return false
  }
  return true
}

function encode(canvas: HTMLCanvasElement): string | undefined {
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
