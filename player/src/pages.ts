import type { ErrorCode } from '@marquee/shared/errors.ts'
import { renderSVG } from 'uqr'
import { messages } from './messages/messages.ts'
import type { pageOf } from './player.ts'

export type Page = ReturnType<typeof pageOf>
type Code = { readonly code: string; readonly confirmUrl: string }

/** The quiet pages that lie on the stage while nothing plays. */
export class Pages {
  readonly element = make('section', 'page')
  readonly #body = make('div', 'page-body')
  #page: Page | null = null
  #code: Code | null = null
  #countdown = make('p', 'countdown')

  constructor() {
    this.element.append(this.#body)
  }

  show(page: Page): void {
    if (page === this.#page) return
    this.#page = page
    this.element.hidden = page === 'none'
    this.element.dataset.page = page
    if (page !== 'none') this.#draw(page)
  }

  /** The code that a manager enters, or null while there is none. */
  showCode(code: Code | null): void {
    this.#code = code
    if (this.#page === 'pairing') this.#draw('pairing')
  }

  /** What stands under the code: how long it is good, or why there is none. */
  showRemaining(ms: number): void {
    const seconds = Math.max(0, Math.ceil(ms / 1000))
    this.#say(messages.newCodeIn(`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`))
  }

  showProblem(code: ErrorCode): void {
    const { problem } = messages
    this.#say(code === 'too-many-attempts' || code === 'unavailable' ? problem[code] : problem.other)
  }

  #say(text: string): void {
    if (this.#countdown.textContent !== text) this.#countdown.textContent = text
  }

  #draw(page: Exclude<Page, 'none'>): void {
    this.#body.replaceChildren(brand(), ...this.#content(page))
  }

  #content(page: Exclude<Page, 'none'>): HTMLElement[] {
    switch (page) {
      case 'starting':
        return [make('p', 'text', messages.starting)]
      case 'empty':
        return [make('h1', 'title', messages.emptyTitle), make('p', 'text', messages.emptyText)]
      case 'failing':
        return [make('h1', 'title', messages.failingTitle), make('p', 'text', messages.failingText)]
      case 'pairing':
        return [this.#pairing()]
    }
  }

  #pairing(): HTMLElement {
    const words = make('div', 'pair-words')
    const code = make('p', 'code')
    words.append(make('h1', 'title', messages.pairTitle), make('p', 'text', messages.pairSteps), code, this.#countdown)
    const pair = make('div', 'pair')
    pair.append(words)
    if (!this.#code) {
      code.append(make('span', 'code-group waiting', '• • •'), make('span', 'code-group waiting', '• • •'))
      this.#say(messages.gettingCode)
      return pair
    }
    const letters = this.#code.code
    code.setAttribute('aria-label', `${messages.codeLabel}: ${[...letters].join(' ')}`)
    code.append(make('span', 'code-group', letters.slice(0, 3)), make('span', 'code-group', letters.slice(3)))
    pair.append(qr(this.#code.confirmUrl))
    return pair
  }
}

function brand(): HTMLElement {
  const logo = make('div', 'brand')
  logo.append(make('span', 'brand-mark'), make('span', 'brand-name', 'Marquee'))
  return logo
}

function qr(url: string): HTMLElement {
  const frame = make('div', 'qr')
  // The drawing is our own: squares, and no text of the address.
  frame.innerHTML = renderSVG(url, { ecc: 'M', border: 2 })
  return frame
}

function make(tag: string, className: string, text?: string): HTMLElement {
  const element = document.createElement(tag)
  element.className = className
  if (text !== undefined) element.textContent = text
  return element
}
