import { defineProject } from 'vitest/config'

/** The server as a program under Deno; apart, since it needs no second database and takes its time. */
export default defineProject({
  test: {
    name: 'deno',
    environment: 'node',
    include: ['test/deno.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
