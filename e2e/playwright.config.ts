import { existsSync } from 'node:fs'
import process from 'node:process'
import { defineConfig } from '@playwright/test'

const debian = '/usr/bin/chromium'

/** End to end on the built programs, in the Chromium of the system; each spec starts its own servers. */
export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: 'test-results',
  // Screens are timed; two browsers at once on two cores would measure each other.
  workers: 1,
  // A real browser beside real servers on two cores: once more, and said aloud, before it counts as broken.
  retries: 1,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  use: {
    locale: 'en-US',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      ...(existsSync(debian) && { executablePath: debian }),
      // Chromium's sandbox does not start as root. A kiosk allows sound without a touch.
      args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--autoplay-policy=no-user-gesture-required'],
    },
  },
})
