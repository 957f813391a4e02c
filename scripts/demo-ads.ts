// Uploads the sample ads of examples/ to DEMO_URL with the key DEMO_KEY, as any script would.
import { openAsBlob, readFileSync } from 'node:fs'
import process from 'node:process'
import { createTRPCClient, httpLink } from '@trpc/client'
import type { AppRouter } from '../server/src/router.ts'
import { uploadFile } from '../shared/src/upload.ts'

const { DEMO_URL: url, DEMO_KEY: key } = process.env
if (!url || !key) throw new Error('Set DEMO_URL and DEMO_KEY')

const client = createTRPCClient<AppRouter>({
  links: [httpLink({ url: `${url}/trpc`, headers: { authorization: `Bearer ${key}` } })],
})

const samples = [
  {
    file: 'morning-coffee.mp4',
    still: 'morning-coffee.poster.jpg',
    title: 'Good morning · 早安咖啡',
    description: 'The second cup is half the price · 第二杯半价',
    tags: ['coffee', '咖啡'],
  },
  {
    file: 'fresh-flowers.webm',
    still: 'fresh-flowers.poster.jpg',
    title: 'Fresh flowers · 今日鲜花',
    description: 'In the shop on the day they are cut · 当天到店',
    tags: ['flowers', '鲜花'],
  },
  {
    file: 'open-until-nine.jpg',
    title: 'Open until nine · 营业至晚上九点',
    description: 'Our hours, every day · 每天的营业时间',
    tags: ['hours'],
  },
]

const example = (file: string) => new URL(`../examples/${file}`, import.meta.url)
for (const { file, still, ...ad } of samples) {
  const poster = still && `data:image/jpeg;base64,${readFileSync(example(still)).toString('base64')}`
  const completion = () => ({ ad, ...(poster && { poster }) })
  await uploadFile({ api: client.uploads, source: await openAsBlob(example(file)), fileName: file, completion }).done
}
