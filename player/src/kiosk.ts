import { messages } from './messages/messages.ts'

/** A hint that nobody follows must not burn into the screen. */
const hintMs = 20_000

/** What makes a browser page a kiosk: full screen and sound by a touch, and a display that stays awake. */
export class Kiosk {
  readonly hint = document.createElement('p')
  #timer = 0

  constructor(onTouch: () => void) {
    this.hint.className = 'hint'
    this.hint.hidden = true
    this.hint.textContent = messages.soundHint
    const touched = (event: Event) => {
      this.hint.hidden = true
      onTouch()
      if (event.type === 'pointerup' && !document.fullscreenElement)
        document.documentElement.requestFullscreen?.().catch(() => {})
    }
    window.addEventListener('pointerup', touched)
    window.addEventListener('keydown', touched)
    window.addEventListener('contextmenu', (event) => event.preventDefault())
    document.addEventListener('visibilitychange', keepAwake)
    keepAwake()
  }

  showHint(): void {
    this.hint.hidden = false
    clearTimeout(this.#timer)
    this.#timer = window.setTimeout(() => {
      this.hint.hidden = true
    }, hintMs)
  }
}

/** The browser lets go of the lock whenever the page is hidden. */
function keepAwake(): void {
  if (document.visibilityState === 'visible' && 'wakeLock' in navigator)
    navigator.wakeLock.request('screen').catch(() => {})
}
