import process from 'node:process'

const pauseMs = 100
const width = 24

export type Progress = {
  /** Bytes so far, of all. */
  show(what: string, done: number, all: number): void
  /** Takes the bar away, so that a line can be printed. */
  end(): void
}

/** A bar on a terminal; nothing elsewhere, where lines tell what was done. */
export function makeProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY) return { show: () => undefined, end: () => undefined }
  let shownAt = 0
  let shown = false
  return {
    show(what, done, all) {
      const now = performance.now()
      if (now - shownAt < pauseMs && done < all) return
      ;[shownAt, shown] = [now, true]
      const share = all > 0 ? Math.min(1, done / all) : 1
      const full = Math.round(share * width)
      const bar = '█'.repeat(full) + '░'.repeat(width - full)
      const line = `${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${megabytes(done)} of ${megabytes(all)}  ${what}`
      stream.write(`\r\u001b[2K${line.slice(0, Math.max(20, (stream.columns || 80) - 1))}`)
    },
    end() {
      if (shown) stream.write('\r\u001b[2K')
      shown = false
    },
  }
}

export function megabytes(bytes: number): string {
  const mb = bytes / 1_000_000
  return mb >= 1_000 ? `${(mb / 1_000).toFixed(1)} GB` : `${mb.toFixed(mb < 10 ? 1 : 0)} MB`
}
