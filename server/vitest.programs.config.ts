import { defineProject } from 'vitest/config'

/** The server as a whole program, on Node and on Deno: started, killed, starved. Each test chooses its own database. */
export default defineProject({
  test: {
    name: 'programs',
    environment: 'node',
    include: ['test/programs/**/*.test.ts', 'test/deno.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
})
