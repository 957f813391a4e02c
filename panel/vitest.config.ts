import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineProject } from 'vitest/config'

// The plugin compiles the runes of `.svelte.ts` modules; pages themselves are tested in a real browser (e2e).
export default defineProject({
  plugins: [svelte({ configFile: false })],
  test: { name: 'panel', environment: 'node', include: ['src/**/*.test.ts'], testTimeout: 20_000 },
})
