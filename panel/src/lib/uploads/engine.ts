import { ensureKindSize, ensurePictureSize, judge } from '@marquee/shared/judge.ts'
import {
  type UploadOptions,
  type UploadProgress,
  type UploadQueue,
  type UploadsApi,
  uploadQueue,
} from '@marquee/shared/upload.ts'
import { takePoster } from './poster.ts'

/** What is heavy about uploading; loaded with the first file. */
export function openQueue(uploads: UploadsApi): UploadQueue {
  return uploadQueue(uploads)
}

/** Judged before it is sent, turned into an ad when it is there, with a still of it. */
export function optionsFor(file: File, onProgress: (progress: UploadProgress) => void): Omit<UploadOptions, 'api'> {
  let film = false
  return {
    source: file,
    category: 'ads',
    onProgress,
    judge: async () => {
      const judged = await judge({
        size: file.size,
        read: async (start, end) => new Uint8Array(await file.slice(start, end).arrayBuffer()),
      })
      film = judged.kind === 'film'
      ensureKindSize(file.size, judged.kind, 'ads')
      if (!film) await ensurePictureFits(file)
    },
    completion: async () => {
      const poster = film ? await takePoster(file) : undefined
      return { ad: {}, ...(poster && { poster }) }
    },
  }
}

/** What this browser doesn't decode, the server judges alone. */
async function ensurePictureFits(file: File): Promise<void> {
  const bitmap = await createImageBitmap(file).catch(() => null)
  if (!bitmap) return
  const { width, height } = bitmap
  bitmap.close()
  ensurePictureSize(width, height)
}
