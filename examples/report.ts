// Prints what ran where: a line for each day, screen and ad, the newest day first, with how often it began.
//
//   MARQUEE_URL=http://127.0.0.1:12393 MARQUEE_KEY=mq_… node examples/report.ts [FROM [UNTIL]]
//
// Days are written like 2026-11-24. Deno runs it unchanged: deno run --allow-env --allow-net --allow-read examples/report.ts
import process from 'node:process'
import { createTRPCClient, httpLink } from '@trpc/client'
import type { AppRouter } from '../server/src/router.ts'

const [from, until] = process.argv.slice(2)
const { MARQUEE_URL: url = 'http://127.0.0.1:12393', MARQUEE_KEY: key } = process.env
if (!key) {
  console.error('Usage: MARQUEE_KEY=mq_… node examples/report.ts [FROM [UNTIL]]')
  process.exit(2)
}

const client = createTRPCClient<AppRouter>({
  links: [httpLink({ url: `${url}/trpc`, headers: { authorization: `Bearer ${key}` } })],
})

let total = 0
let cursor: string | null = null
do {
  const page = await client.screens.plays.query({ limit: 200, cursor, ...(from && { from }), ...(until && { until }) })
  for (const { day, screen, ad, plays } of page.items) {
    total += plays
    console.log([day, screen.name, ad.title, plays].join('\t'))
  }
  cursor = page.nextCursor
} while (cursor !== null)
console.log(`${total} plays`)
