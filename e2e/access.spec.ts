import { makeHttpClient } from '../server/test/http-client.ts'
import { waitFor } from '../server/test/program.ts'
import { expect, person, test } from './fixtures.ts'
import { adCard, signInOn, toast } from './panel-page.ts'
import { colourPicture, uploadAd } from './sample-media.ts'

test.describe.configure({ timeout: 240_000 })

const viewer = { name: 'Bo Chen', email: 'bo@example.com', password: 'a viewer has no keys' }

test('an invitation makes a viewer who changes nothing; as an editor they can, without a reload', async ({
  installation,
  page,
  elsewhere,
}) => {
  await uploadAd(installation.owner, { bytes: await colourPicture('blue'), name: 'Noodles.png' })
  await installation.signIn(page.context())
  await page.goto(`${installation.url}/people`)
  await page.getByRole('button', { name: 'Invite', exact: true }).click()
  await page.getByRole('radio', { name: /^Viewer/ }).check()
  await page.getByRole('button', { name: 'Create link' }).click()
  const link = await page.getByRole('textbox', { name: 'Send this link' }).inputValue()
  await page.getByRole('button', { name: 'Done' }).click()

  const guest = await elsewhere()
  await guest.goto(link)
  await expect(guest.getByRole('heading', { name: 'Join Corner shop' })).toBeVisible()
  await expect(guest.getByText('Ann Li invites you as Viewer.')).toBeVisible()
  await guest.getByLabel('Your name').fill(viewer.name)
  await guest.getByLabel('Email').fill(viewer.email)
  await guest.getByLabel('Password', { exact: true }).fill(viewer.password)
  await guest.getByRole('button', { name: 'Create account and join' }).click()

  await expect(adCard(guest, 'Noodles')).toBeVisible()
  const main = guest.getByRole('main')
  for (const name of ['Upload', 'Order', 'Select'])
    await expect(main.getByRole('button', { name, exact: true })).toHaveCount(0)
  await expect(guest.getByRole('checkbox')).toHaveCount(0)
  await adCard(guest, 'Noodles').getByRole('button').click()
  const ad = guest.getByRole('dialog', { name: 'Ad' })
  await expect(ad.getByRole('heading', { name: 'Noodles' })).toBeVisible()
  await expect(ad.getByRole('textbox')).toHaveCount(0)
  for (const name of ['Save', 'Delete']) await expect(ad.getByRole('button', { name })).toHaveCount(0)
  await ad.getByRole('button', { name: 'Close' }).last().click()
  await guest.goto(`${installation.url}/screens`)
  await expect(guest.getByText('No screens yet')).toBeVisible()
  await expect(guest.getByRole('link', { name: 'Add a screen' })).toHaveCount(0)

  await guest.goto(installation.url)
  await expect(adCard(guest, 'Noodles')).toBeVisible()
  await guest.evaluate(() => document.body.setAttribute('data-same-page', ''))
  await page.getByLabel(`Role of ${viewer.name}`).selectOption('Editor')
  await expect(main.getByRole('button', { name: 'Upload', exact: true })).toBeVisible()
  await expect(main.getByRole('button', { name: 'Order', exact: true })).toBeVisible()
  await expect(guest.locator('body[data-same-page]')).toHaveCount(1)

  const late = await elsewhere()
  await late.goto(link)
  await expect(late.getByRole('heading', { name: 'This invitation does not work any more' })).toBeVisible()
})

test('a key is shown once, works, and is refused within a second of being revoked, on open subscriptions too', async ({
  installation,
  page,
}) => {
  await installation.signIn(page.context())
  await page.goto(`${installation.url}/people`)
  await page.getByRole('button', { name: 'New key' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('Robot')
  await dialog.getByRole('button', { name: 'Create key' }).click()
  const secret = await dialog.getByRole('textbox', { name: 'Robot' }).inputValue()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await page.reload()
  await expect(page.getByText('Robot')).toBeVisible()
  expect(await page.content()).not.toContain(secret)
  expect(JSON.stringify(await installation.owner.trpc.keys.list.query())).not.toContain(secret)

  const { trpc } = makeHttpClient(installation.url, { key: secret })
  expect((await trpc.ads.list.query({})).items).toEqual([])
  const heard: string[] = []
  let endedAt: number | null = null
  const end = () => {
    endedAt ??= performance.now()
  }
  const subscription = trpc.live.changes.subscribe(
    {},
    { onData: ({ data }) => void heard.push(data.kind), onError: end, onComplete: end },
  )
  await waitFor(() => (heard.length > 0 ? true : null))

  await page.getByRole('button', { name: 'Revoke: Robot' }).click()
  const revoked = page.waitForResponse((response) => response.url().includes('keys.revoke'))
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click()
  await revoked
  const revokedAt = performance.now()
  const code = await waitFor(() =>
    trpc.ads.list.query({}).then(
      () => null,
      (error) => error.data?.code ?? 'broken',
    ),
  )
  expect(code).toBe('wrong-credentials')
  expect(performance.now() - revokedAt).toBeLessThan(1_000)
  await waitFor(() => endedAt)
  expect((endedAt ?? Number.POSITIVE_INFINITY) - revokedAt).toBeLessThan(1_000)
  subscription.unsubscribe()
  await expect(toast(page, 'Robot was revoked')).toBeVisible()
  await expect(page.getByText('No keys yet')).toBeVisible()
})

test('a new password works, the old one does not', async ({ installation, page }) => {
  await page.goto(`${installation.url}/settings`)
  await signInOn(page)
  await page.getByRole('button', { name: 'Change password' }).click()
  await page.getByLabel('Current password', { exact: true }).fill(person.password)
  await page.getByLabel('New password', { exact: true }).fill('staple battery horse')
  await page.getByRole('button', { name: 'Change password' }).click()
  await expect(toast(page, 'Password changed')).toBeVisible()
  await page.getByRole('button', { name: /^Account/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await signInOn(page)
  await expect(page.getByRole('alert')).toHaveText('The email or the password is wrong.')
  await signInOn(page, { ...person, password: 'staple battery horse' })
  await expect(page.getByText('No ads yet')).toBeVisible()
})

test('signing out everywhere else ends the other devices at once, and not this one', async ({
  installation,
  page,
  elsewhere,
}) => {
  const other = await elsewhere()
  for (const one of [page, other]) {
    await one.goto(`${installation.url}/settings`)
    await signInOn(one)
    await expect(one.getByRole('heading', { name: 'Where you are signed in' })).toBeVisible()
  }
  await page.reload()
  await page.getByRole('button', { name: 'Sign out everywhere else' }).click()
  await expect(toast(page, 'Signed out everywhere else')).toBeVisible()
  await expect(other.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await other.goto(installation.url)
  await expect(other.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await page.goto(installation.url)
  await expect(page.getByText('No ads yet')).toBeVisible()
})

test('after five wrong passwords the wait is told, and the right one does not help', async ({ installation, page }) => {
  await page.goto(`${installation.url}/sign-in`)
  for (let attempt = 1; attempt <= 5; attempt++) {
    const answer = page.waitForResponse((response) => response.url().includes('accounts.signIn'))
    await signInOn(page, { ...person, password: `wrong password ${attempt}` })
    await answer
    await expect(page.getByRole('alert')).toHaveText('The email or the password is wrong.')
  }
  await signInOn(page)
  await expect(page.getByRole('alert')).toHaveText(/^Too many attempts\. Wait \d+ (seconds|minutes), then try again\.$/)
})

test('somebody of two shops switches, and sees the ads of that one alone', async ({ installation, page }) => {
  await uploadAd(installation.owner, { bytes: await colourPicture('blue'), name: 'Noodles.png' })
  await installation.owner.trpc.tenants.create.mutate({ id: 'second_shop', name: 'Second shop' })
  await installation.signIn(page.context())
  await page.goto(installation.url)
  await page.getByRole('button', { name: /^Switch shop/ }).click()
  await page.getByRole('menuitemradio', { name: 'Second shop' }).click()
  await expect(page.getByText('No ads yet')).toBeVisible()
  // The shop is the session's, and this is the session of the page.
  await uploadAd(installation.owner, { bytes: await colourPicture('pink'), name: 'Dumplings.png' })
  await expect(adCard(page, 'Dumplings')).toBeVisible()
  await expect(adCard(page, 'Noodles')).toHaveCount(0)
  await page.getByRole('button', { name: /^Switch shop/ }).click()
  await page.getByRole('menuitemradio', { name: 'Corner shop' }).click()
  await expect(adCard(page, 'Noodles')).toBeVisible()
  await expect(adCard(page, 'Dumplings')).toHaveCount(0)
})
