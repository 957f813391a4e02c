/** What one check found, as a sentence that says the cure where there is something to cure. */
export type Finding = {
  readonly check: 'settings' | 'folder' | 'disk' | 'database' | 'storage' | 'clock' | 'port' | 'server'
  /** `fail`: Marquee does not work so. `warn`: it works, but not as it should. */
  readonly state: 'ok' | 'warn' | 'fail'
  readonly text: string
}

export const ok = (check: Finding['check'], text: string): Finding => ({ check, state: 'ok', text })
export const warn = (check: Finding['check'], text: string): Finding => ({ check, state: 'warn', text })
export const fail = (check: Finding['check'], text: string): Finding => ({ check, state: 'fail', text })

export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // Some of the network's errors have a code and no message.
  return error.message || ('code' in error ? String(error.code) : error.name)
}
