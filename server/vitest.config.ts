import { defineProject } from 'vitest/config'

export default defineProject({
  test: {
    name: 'server',
    environment: 'node',
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/deno.test.ts'],
    setupFiles: ['test/setup.ts'],
    globalSetup: ['test/postgres.setup.ts'],
    // Real databases on small machines that do other things at once.
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
