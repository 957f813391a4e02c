import process from 'node:process'
import { defineProject } from 'vitest/config'

export default defineProject({
  test: {
    name: 'server',
    environment: 'node',
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // Whole programs are a project of their own. What one database alone promises runs in its round only.
    exclude: [
      'test/programs/**',
      'test/deno.test.ts',
      ...(process.env.TEST_DB === 'postgres'
        ? ['test/import-rule.test.ts', 'test/uploader.test.ts', 'src/db/sqlite.test.ts']
        : ['src/db/postgres.test.ts']),
    ],
    setupFiles: ['test/setup.ts'],
    globalSetup: ['test/postgres.setup.ts'],
    // Real databases on small machines that do other things at once.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
