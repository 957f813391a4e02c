import { defineConfig } from 'vite'
import manifest from './package.json' with { type: 'json' }

export default defineConfig({
  base: '/player/',
  define: { __PLAYER_VERSION__: JSON.stringify(manifest.version) },
  build: { target: 'chrome94', modulePreload: false, sourcemap: false },
})
