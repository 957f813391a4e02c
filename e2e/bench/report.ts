import { join } from 'node:path'
import type { Figure } from './figure.ts'
import type { ReportAnswer, ReportInput } from './load/report.ts'
import { runLoad, startMarquee } from './programs.ts'
import { latencyOf } from './statistics.ts'
import { addScreens, makeTenant, withDb } from './tenant.ts'

const mostMs = 500

export const report: Figure = {
  name: 'report',
  title: 'From `uploads.complete` to the screen',
  method:
    'A script uploads pictures of 1280 × 720 as ads, two a second; a screen that is a script, too, hears of the revision, fetches its manifest and reports. From the call of `uploads.complete` (the server still judges the content, makes the poster and the ad) until the server took that report.',
  async run(bench) {
    const dataDir = join(bench.scratch, 'data')
    const key = await makeTenant({ dataDir }, 'bench')
    const [cookie = ''] = await withDb({ dataDir }, (db) => addScreens(db, 'bench', 1))
    await using marquee = await startMarquee({ dataDir })
    const input = { url: marquee.url, key, cookie, count: bench.quick ? 30 : 250, everyMs: bench.quick ? 100 : 500 }
    const { fromCall, fromAnswer } = await runLoad<ReportInput, ReportAnswer>('report', input)
    const latency = latencyOf(fromCall)
    return [
      {
        what: 'from the call of `uploads.complete`',
        unit: 'ms',
        subject: latency,
        must: { text: `p95 ≤ ${mostMs} ms`, met: latency.p95 <= mostMs },
      },
      { what: 'from its answer', unit: 'ms', subject: latencyOf(fromAnswer) },
    ]
  },
}
