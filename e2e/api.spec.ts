import { AxeBuilder } from '@axe-core/playwright'
import { expect, test } from './fixtures.ts'
import { colourPicture } from './sample-media.ts'

const phone = { width: 360, height: 640 }

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the page of the calls, ${colorScheme}: axe finds nothing, a phone needs no sideways scroll, no error is logged`, async ({
    installation,
    page,
  }) => {
    const errors: string[] = []
    page.on('pageerror', ({ message }) => errors.push(message))
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
    await page.emulateMedia({ colorScheme })
    await page.goto(`${installation.url}/api/#mediaList`)
    await expect(page.locator('#mediaList').getByRole('button', { name: 'Send' })).toBeVisible()
    for (const size of [phone, { width: 1280, height: 900 }]) {
      await page.setViewportSize(size)
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([])
    }
    expect(errors).toEqual([])
  })
}

test('the page of the calls makes them: with a key, and with the session of the panel', async ({
  installation,
  page,
}) => {
  const { secret } = await installation.owner.trpc.keys.create.mutate({
    name: 'page',
    scopes: ['ads:read', 'ads:write'],
    purpose: 'script',
  })
  await page.goto(`${installation.url}/api/#upload`)
  const upload = page.locator('#upload')
  await upload.getByRole('button', { name: 'Send' }).click()
  await expect(upload.getByText(/^401 ·/)).toBeVisible()
  await page.getByLabel('Key', { exact: true }).fill(secret)
  const buffer = Buffer.from(await colourPicture('blue'))
  await upload.locator('input[type=file]').setInputFiles({ name: 'from the page.png', mimeType: 'image/png', buffer })
  await upload.getByRole('button', { name: 'Send' }).click()
  await expect(upload.getByText(/^200 ·/)).toBeVisible()

  await page.getByLabel('Key', { exact: true }).fill('')
  await installation.signIn(page.context())
  const list = page.locator('#mediaList')
  await list.getByText('/api/media/list').click()
  await list.getByRole('button', { name: 'Send' }).click()
  await expect(list.getByText('from the page.png')).toBeVisible()
})
