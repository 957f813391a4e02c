import { expect } from 'vitest'
import type { TestApp } from './test-app.ts'

/** A refusal of a typed caller, for `rejects.toEqual`. */
export const code = (wanted: string, reason?: string) =>
  expect.objectContaining({ cause: expect.objectContaining(reason ? { code: wanted, reason } : { code: wanted }) })

/** An instant from now, by the app's clock, as it is sent. */
export const at = (app: TestApp, ms: number) => new Date(app.clock.now().getTime() + ms).toISOString()
