import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parser } from '@prometheus-io/lezer-promql'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { openMetrics } from '../src/telemetry/open-metrics.ts'

type Rule = {
  alert: string
  expr: string
  for: string
  labels: { severity: string }
  annotations: { summary: string; description: string }
}
type Panel = { type: string; title: string; targets?: { expr: string }[] }

const read = (name: string) => readFileSync(join(import.meta.dirname, '../../deploy', name), 'utf8')
const rules = (parse(read('alerts.yaml')) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules)
const dashboard = JSON.parse(read('grafana-dashboard.json')) as { uid: string; panels: Panel[] }
/** What Grafana puts in for its variables. */
const filled = (expr: string) => expr.replaceAll('$instance', '.+')
const expressions = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, filled(expr)] as const)),
]

function problemsOf(expr: string): string[] {
  const problems: string[] = []
  parser.parse(expr).iterate({
    enter: ({ type, from, to }) => void (type.isError && problems.push(`at ${from}: "${expr.slice(from, to + 20)}"`)),
  })
  return problems
}

function namesIn(expr: string): string[] {
  const names: string[] = []
  parser.parse(expr).iterate({
    enter: ({ name, from, to }) => void (name === 'Identifier' && names.push(expr.slice(from, to))),
  })
  return names
}

it.each(expressions)('%s: is a query of Prometheus', (_, expr) => {
  expect(problemsOf(expr)).toEqual([])
  expect(namesIn(expr).length).toBeGreaterThan(0)
})

it('names only metrics that /metrics has', async () => {
  const { text } = await openMetrics({ ofProcess: true }).render({})
  // `up` is what Prometheus itself says of a target.
  const known = new Set(['up'])
  for (const [, name = '', type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    known.add(name)
    if (type === 'histogram') for (const part of ['bucket', 'sum', 'count']) known.add(`${name}_${part}`)
  }
  const unknown = expressions.flatMap(([, expr]) => namesIn(expr)).filter((name) => !known.has(name))
  expect(unknown).toEqual([])
})

it('has alerts that wait a while, say how bad it is, and what to do', () => {
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
  for (const { alert, for: wait, labels, annotations } of rules) {
    expect(wait, alert).toMatch(/^\d+[smh]$/)
    expect(['critical', 'warning'], alert).toContain(labels.severity)
    expect(annotations.summary.length, alert).toBeGreaterThan(15)
    expect(annotations.description.length, alert).toBeGreaterThan(80)
  }
})

it('has a dashboard that Grafana can load: an id, a title for each panel, no panel on another', () => {
  expect(dashboard.uid).toBe('marquee')
  const panels = dashboard.panels as (Panel & { id: number; gridPos: { x: number; y: number; w: number; h: number } })[]
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  const taken = new Set<string>()
  for (const { title, gridPos } of panels) {
    expect(title).not.toBe('')
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(taken.has(`${x},${y}`), title).toBe(false)
        taken.add(`${x},${y}`)
      }
  }
})
