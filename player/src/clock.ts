/**
 * The server's time. A kiosk's own clock may be wrong or jump, so it is only read once: after that time is counted by
 * the monotonic one.
 */
export class Clock {
  #offset: number
  constructor(storedOffset = 0) {
    this.#offset = Date.now() - performance.now() + storedOffset
  }
  now(): number {
    return performance.now() + this.#offset
  }
  set(serverTime: number): void {
    this.#offset = serverTime - performance.now()
  }
  /** How far the server is ahead of this machine's clock. */
  get ahead(): number {
    return this.now() - Date.now()
  }
}
