import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { projects: ['shared', 'server', 'player', 'panel', 'server/vitest.programs.config.ts'] },
})
