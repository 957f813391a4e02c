import adapter from '@sveltejs/adapter-static'
import { sveltekit } from '@sveltejs/kit/vite'
import tailwindcss from '@tailwindcss/vite'
import { defineConfig } from 'vite'

/** In development the server runs beside and answers what is not a page. */
const server = process.env['MARQUEE_DEV_SERVER'] ?? 'http://127.0.0.1:12393'

export default defineConfig({
  plugins: [
    tailwindcss(),
    sveltekit({
      adapter: adapter({ fallback: 'index.html' }),
      compilerOptions: { runes: true },
    }),
  ],
  build: { target: 'es2022' },
  server: { proxy: { '/trpc': server, '/media': server, '/player': server } },
})
