import type { Row } from './figure.ts'
import type { Machine } from './machine.ts'
import type { Latency, Ratio, Summary } from './statistics.ts'

/** A figure as it was measured last. */
export type Result = {
  readonly name: string
  readonly title: string
  readonly method: string
  readonly rounds: number
  readonly machine: Machine
  readonly rows: readonly Row[]
}

/** So many busy cores are more than a quiet machine's own small things. */
const sharedFrom = 0.3

/** docs/benchmarks.md. */
export function benchmarksPage(results: readonly Result[]): string {
  const newest = results.reduce<Machine | null>(
    (last, { machine }) => (last && last.date > machine.date ? last : machine),
    null,
  )
  if (!newest) return ''
  const musts = results.flatMap(({ rows }) => rows).flatMap(({ must }) => (must ? [must] : []))
  const missed = musts.filter(({ met }) => !met).length
  return `# Benchmarks

Made by \`npm run bench\` on ${newest.date.slice(0, 10)}; don't edit. ${musts.length - missed} of ${musts.length} figures reached${missed > 0 ? `, **${missed} missed**` : ''}.

${newest.cores} cores (${newest.cpu}), ${newest.memoryGb} GB, ${newest.system}; Node ${newest.node}, SQLite ${newest.sqlite}${newest.nginx ? `, nginx ${newest.nginx}` : ''}.
The server is the built bundle in a process of its own, the load comes from other processes of the same machine over loopback, so both share its cores.

Marquee and what it is compared with take turns, round by round, after a warm-up of each. A cell has the median of the rounds with the least and the most in brackets; "×" is the ratio of the medians, with that of single rounds in brackets, and "noisy" where one of them lies more than 25 % away. CPU is that of the server's process (user and system). Latencies are of all rounds together.

${results.map(section).join('\n')}`
}

function section({ title, method, rounds, machine, rows }: Result): string {
  const before =
    machine.niceness < 0 ? ` Servers and loads alike came before other programs (nice ${machine.niceness}).` : ''
  const shared = machine.othersBusy >= sharedFrom
  return `## ${title}

${method} ${rounds} rounds, ${machine.date.slice(0, 16).replace('T', ' ')} UTC.${shared ? ` **The machine was shared**: other programs kept ${machine.othersBusy.toFixed(1)} of its cores busy when this began.` : ''}${before}

| what | Marquee | beside | × | must reach | |
|---|---|---|---|---|---|
${rows.map(line).join('\n')}
`
}

function line({ what, unit, subject, beside, ratio, must }: Row): string {
  const other = beside ? `${beside.name}: ${measured(beside.value, unit)}` : '–'
  const verdict = must ? (must.met ? 'reached' : '**missed**') : ''
  return `| ${what} | ${measured(subject, unit)} | ${other} | ${ratio ? ratioText(ratio) : ''} | ${must?.text ?? ''} | ${verdict} |`
}

function measured(value: Summary | Latency, unit: string): string {
  if ('p99' in value)
    return `p50 ${short(value.p50)}, p95 ${short(value.p95)}, p99 ${short(value.p99)} ${unit} (${value.samples.toLocaleString('en')} samples)`
  return `${short(value.median)} ${unit} (${short(value.min)}–${short(value.max)})`
}

function ratioText({ value, min, max, noisy }: Ratio): string {
  return `${value.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})${noisy ? ' noisy' : ''}`
}

function short(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en')
  return Number(value.toPrecision(3)).toString()
}
