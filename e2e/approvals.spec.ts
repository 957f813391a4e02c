import { makeHttpClient } from '../server/test/http-client.ts'
import { expect, type Installation, test } from './fixtures.ts'
import { adCard } from './panel-page.ts'
import { colourPicture, uploadAd } from './sample-media.ts'

test.use({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true })

/** An agent that asked to delete an ad, and comes back with its approval. */
async function askToDelete({ owner, url }: Installation) {
  const { ad } = await uploadAd(owner, { bytes: await colourPicture('red'), name: 'Spring sale.png' })
  const id = ad?.id ?? ''
  const { secret } = await owner.trpc.keys.create.mutate({
    name: 'Robot',
    purpose: 'agent',
    scopes: ['ads:read', 'ads:write'],
    expiresAt: null,
  })
  const remove = (approval?: string) =>
    makeHttpClient(url, { key: secret }).fetch(`${url}/trpc/ads.remove`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(approval && { 'x-marquee-approval': approval }) },
      body: JSON.stringify({ ids: [id] }),
    })
  const refused = await remove()
  expect(refused.status).toBe(403)
  // The shape of a tRPC error.
  const { error } = (await refused.json()) as { error: { data: { code: string; detail: { approvalId: string } } } }
  expect(error.data.code).toBe('approval-needed')
  return { again: () => remove(error.data.detail.approvalId) }
}

test('an agent asks to delete an ad: a manager sees it at once on the phone, looks at it, approves it, and it goes', async ({
  installation,
  page,
}) => {
  await installation.signIn(page.context())
  await page.goto(installation.url)
  const robot = await askToDelete(installation)
  await expect(adCard(page, 'Spring sale')).toBeVisible()
  await page.getByRole('link', { name: /Robot waits for your approval/ }).click()
  await expect(page.getByText('wants to delete the ad “Spring sale”')).toBeVisible()
  const picture = page.getByRole('article').locator('img')
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0)
  expect((await robot.again()).status).toBe(403)
  await page.getByRole('button', { name: 'Approve' }).click()
  await expect(page.getByText('Approved', { exact: true })).toBeVisible()
  expect((await robot.again()).status).toBe(200)
  await expect(page.getByText('Approved and done')).toBeVisible()
  await page.goto(installation.url)
  await expect(adCard(page, 'Spring sale')).toHaveCount(0)
})

test('a manager denies it: the ad stays', async ({ installation, page }) => {
  await installation.signIn(page.context())
  const robot = await askToDelete(installation)
  await page.goto(`${installation.url}/approvals`)
  await page.getByRole('button', { name: 'Deny' }).click()
  await expect(page.getByText('Denied', { exact: true })).toBeVisible()
  expect((await robot.again()).status).toBe(409)
  await page.goto(installation.url)
  await expect(adCard(page, 'Spring sale')).toBeVisible()
})
