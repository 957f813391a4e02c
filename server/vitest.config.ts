import process from 'node:process'
import { defineProject } from 'vitest/config'

export default defineProject({
  test: {
    name: 'server',
    environment: 'node',
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // Whole programs choose their own database, so the second round on Postgres leaves them out.
    exclude: [
      'test/deno.test.ts',
      ...(process.env.TEST_DB === 'postgres' ? ['test/programs/**', 'test/import-rule.test.ts'] : []),
    ],
    setupFiles: ['test/setup.ts'],
    globalSetup: ['test/postgres.setup.ts'],
    // Real databases on small machines that do other things at once.
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
