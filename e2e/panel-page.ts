import type { FileChooser, Locator, Page } from '@playwright/test'
import { person } from './fixtures.ts'

type Files = Parameters<FileChooser['setFiles']>[0]

/** Signs in as a person does, on the page that asks for it. */
export async function signInOn(page: Page, { email, password } = person): Promise<void> {
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Presses a button that opens the file chooser, and chooses. */
export async function chooseFiles(button: Locator, files: Files) {
  const asked = button.page().waitForEvent('filechooser')
  await button.click()
  await (await asked).setFiles(files)
}

export function asFile(name: string, bytes: Uint8Array) {
  const mimeType = /\.png$/.test(name) ? 'image/png' : 'video/mp4'
  return { name, mimeType, buffer: Buffer.from(bytes) }
}

/** An ad in the grid. */
export const adCard = (page: Page, title: string) =>
  page.getByRole('main').getByRole('article').filter({ hasText: title })
/** A file in the tray of uploads. */
export const uploadRow = (page: Page, name: string) =>
  page.locator('[data-upload-tray]').getByRole('listitem').filter({ hasText: name })
/** A note at the edge of the page. */
export const toast = (page: Page, text: string | RegExp) => page.getByRole('status').getByText(text)
