import { expect, it } from 'vitest'
import { shareableUrl } from './shareable.ts'

const lanUrl = () => 'http://192.168.1.5:12393'

it('gives a phone the address in the local network instead of localhost', () => {
  for (const baseUrl of ['http://localhost:12393', 'http://127.0.0.1:12393', 'http://[::1]:12393']) {
    expect(shareableUrl({ baseUrl, lanUrl })).toBe('http://192.168.1.5:12393')
  }
})

it('keeps the address of the caller where it is known elsewhere, or the server listens on this machine alone', () => {
  expect(shareableUrl({ baseUrl: 'https://ads.example', lanUrl })).toBe('https://ads.example')
  expect(shareableUrl({ baseUrl: 'http://localhost:12393', lanUrl: () => null })).toBe('http://localhost:12393')
})
