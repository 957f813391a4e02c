import { expect, it } from 'vitest'
import { z } from 'zod'
import { appRouter } from '../src/router.ts'
import type { Meta } from '../src/trpc.ts'

type Tool = { meta?: Meta; inputs: z.ZodType[]; output?: { schema: z.ZodType }; type: string }
type Field = { description?: string; type?: string }
type ObjectSchema = Field & { properties?: Record<string, Field>; additionalProperties?: unknown }

// tRPC's record of a router, the only list that has every procedure.
const all = Object.values((appRouter._def as unknown as { procedures: Record<string, { _def: Tool }> }).procedures)
const tools = all.flatMap(({ _def }) => (_def.meta?.tool ? [{ ..._def, tool: _def.meta.tool }] : []))

it('offers every tool of the first advertisement server, and those that came with Marquee, each once', () => {
  expect(tools.map(({ tool }) => tool.name).sort()).toEqual([
    'cancel_upload',
    'complete_upload',
    'continue_upload',
    'create_upload',
    'delete_advertisement',
    'get_advertisement_management_info',
    'get_advertisement_playlist',
    'get_advertisement_stats',
    'get_approval',
    'get_current_advertisement',
    'get_next_advertisement',
    'list_screens',
    'play_advertisement',
    'refresh_advertisements',
    'search_advertisements',
    'update_advertisement',
  ])
})

it.each(tools.map((one) => [one.tool.name, one] as const))(
  '%s says of each field what it is',
  (_, { inputs, tool }) => {
    const schema = z.toJSONSchema(inputs[0] ?? z.never(), { io: 'input' }) as ObjectSchema
    expect(schema).toMatchObject({ type: 'object', additionalProperties: false })
    for (const [name, field] of Object.entries(schema.properties ?? {}))
      expect(field.description ?? '', name).toMatch(/\w{3}/)
    expect(tool.description.length).toBeGreaterThan(60)
  },
)

it.each(tools.map((one) => [one.tool.name, one] as const))('%s has a schema of its answer', (_, { output }) => {
  // `shape` keeps the schema behind the parser that tRPC is given.
  expect(z.toJSONSchema(output?.schema ?? z.never())).toMatchObject({ type: 'object', properties: { type: {} } })
})

it('takes dry_run wherever something of the tenant is changed', () => {
  const changing = tools.filter(({ type, meta }) => type === 'mutation' && meta?.permission !== 'ads:read')
  for (const { tool, inputs } of changing) {
    if (tool.name === 'continue_upload') continue
    const schema = z.toJSONSchema(inputs[0] ?? z.never(), { io: 'input' }) as ObjectSchema
    expect(Object.keys(schema.properties ?? {}), tool.name).toContain('dry_run')
  }
})
