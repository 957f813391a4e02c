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
  #status = make('p', 'status')

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
    this.#say('')
    if (this.#page === 'pairing') this.#draw('pairing')
  }

  /** How long the code is good. */
  showRemaining(ms: number): void {
    const seconds = Math.max(0, Math.ceil(ms / 1000))
    this.#say(messages.newCodeIn(`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`))
  }

  /** Why there is no code, or why the start takes so long. */
  showProblem(code: ErrorCode): void {
    const { problem } = messages
    this.#say(code === 'too-many-attempts' || code === 'unavailable' ? problem[code] : problem.other)
  }

  #say(text: string): void {
    if (this.#status.textContent !== text) this.#status.textContent = text
  }

  #draw(page: Exclude<Page, 'none'>): void {
    this.#body.replaceChildren(...this.#content(page))
  }

  #content(page: Exclude<Page, 'none'>): HTMLElement[] {
    switch (page) {
      case 'starting':
        this.#say(messages.starting)
        return [brand(), this.#status]
      case 'empty':
        return [brand(), make('h1', 'title', messages.emptyTitle), make('p', 'text', messages.emptyText)]
      case 'failing':
        return [brand(), make('h1', 'title', messages.failingTitle), make('p', 'text', messages.failingText)]
      case 'pairing':
        return [this.#pairing()]
    }
  }

  #pairing(): HTMLElement {
    const words = make('div', 'pair-words')
    const code = make('p', 'code')
    const steps = this.#code ? messages.pairSteps(new URL(this.#code.confirmUrl).host) : messages.gettingCode
    words.append(brand(), make('h1', 'title', messages.pairTitle), make('p', 'text', steps), code, this.#status)
    const pair = make('div', 'pair')
    pair.append(words)
    const letters = this.#code?.code ?? '••••••'
    code.classList.toggle('waiting', this.#code === null)
    code.setAttribute('aria-label', `${messages.codeLabel}: ${[...letters].join(' ')}`)
    code.append(make('span', 'code-group', letters.slice(0, 3)), make('span', 'code-group', letters.slice(3)))
    const qr = make('div', 'qr')
    // The drawing is our own: squares, and no text of the address.
    if (this.#code) qr.innerHTML = renderSVG(this.#code.confirmUrl, { ecc: 'M', border: 1 })
    pair.append(qr)
    return pair
  }
}

function brand(): HTMLElement {
  const logo = make('div', 'brand')
  logo.append(make('span', 'brand-mark'), make('span', 'brand-name', 'Marquee'))
  return logo
}

function make(tag: string, className: string, text?: string): HTMLElement {
  const element = document.createElement(tag)
  element.className = className
  if (text !== undefined) element.textContent = text
  return element
}
