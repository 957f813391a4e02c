import { readFileSync } from 'node:fs'

/** The kernel's clock ticks a second, the unit of /proc/PID/stat; 100 on every Linux of today. */
const ticksPerSecond = 100
const sampleMs = 100

/** Milliseconds of CPU, user and system, that a process has used since it started. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  // The second field is the name in parentheses, which may have spaces; utime and stime are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond
}

/** Resident memory of a process in MB. */
export function rssMb(pid: number): number {
  const [, kb] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? []
  return Number(kb ?? 0) / 1024
}

export type Watched = { readonly ms: number; readonly cpuMs: number; readonly peakRssMb: number }

/** Looks at a process from now on; `end` says what it used meanwhile. Runs in the load's process, around the load. */
export function watch(pid: number): { end(): Watched } {
  const [started, before] = [performance.now(), cpuMs(pid)]
  let peakRssMb = rssMb(pid)
  const timer = setInterval(() => {
    peakRssMb = Math.max(peakRssMb, rssMb(pid))
  }, sampleMs)
  return {
    end() {
      clearInterval(timer)
      return {
        ms: performance.now() - started,
        cpuMs: cpuMs(pid) - before,
        peakRssMb: Math.max(peakRssMb, rssMb(pid)),
      }
    },
  }
}
