import type { Tool as Definition } from '@modelcontextprotocol/server'
import type { AnyProcedure, AnyRouter } from '@trpc/server'
import type { z } from 'zod'
import { type Actor, can, type Permission } from '../access.ts'
import { onePer } from '../lib/one-per.ts'
import type { Meta } from '../trpc.ts'
import { inputSchemaOf, isObjectSchema, type ObjectSchema, outputSchemaOf } from './schemas.ts'

/** The argument in which an agent names the approval that it was told to wait for. */
export const approvalArgument = 'approval_id'

/** A procedure as agents call it. */
export type Tool = {
  readonly name: string
  readonly path: string
  readonly type: 'query' | 'mutation'
  readonly permission: Permission
  readonly destructive: boolean
  /** Names of its arguments, with that of the approval. */
  readonly fields: ReadonlySet<string>
  /** Whether the answer is no object, and goes into one as `result`. */
  readonly wraps: boolean
  readonly definition: Definition
}

/** What tRPC keeps of a procedure. It types it away, but it is all there is to learn the schemas and the meta from. */
type Internals = {
  readonly type: 'query' | 'mutation' | 'subscription'
  readonly meta?: Meta
  readonly inputs: readonly unknown[]
  /** Ours are all made by `shape`, which keeps the schema. */
  readonly output?: { readonly schema?: z.ZodType }
}

/** Every tool of a router, by name. */
export const toolsOf = onePer((router: AnyRouter): ReadonlyMap<string, Tool> => {
  const procedures = Object.entries(router._def.procedures as Record<string, AnyProcedure>)
  const tools = procedures.flatMap(([path, procedure]) => toTool(path, procedure._def as unknown as Internals) ?? [])
  return new Map(tools.sort((a, b) => (a.name < b.name ? -1 : 1)).map((tool) => [tool.name, tool]))
})

export type ToolSet = { readonly tools: ReadonlyMap<string, Tool>; readonly definitions: Definition[] }

const sets = onePer((_router: AnyRouter) => new Map<string, ToolSet>())

/** The tools that an actor may call; the others are not there for it. Made once per set of scopes. */
export function toolsFor(router: AnyRouter, actor: Actor): ToolSet {
  const all = [...toolsOf(router)].filter(([, { permission }]) => can(actor, permission))
  const name = all.map(([tool]) => tool).join()
  const known = sets(router).get(name)
  if (known) return known
  const made = { tools: new Map(all), definitions: all.map(([, { definition }]) => definition) }
  sets(router).set(name, made)
  return made
}

function toTool(path: string, { type, meta, inputs, output }: Internals): Tool | null {
  if (!meta?.tool || type === 'subscription') return null
  if (meta.permission === undefined) throw new TypeError(`The tool "${path}" has no permission. Make it by forMember`)
  const { name, title, description, idempotent } = meta.tool
  const destructive = meta.destructive ?? false
  const inputSchema = withApproval(inputSchemaOf(path, inputs), destructive)
  const isRead = type === 'query'
  const outputSchema = output?.schema && outputSchemaOf(output.schema)
  return {
    name,
    path,
    type,
    permission: meta.permission,
    destructive,
    fields: new Set(Object.keys(inputSchema.properties)),
    wraps: output?.schema !== undefined && !isObjectSchema(output.schema),
    definition: {
      name,
      title,
      description,
      // zod's JSON Schemas are JSON, though it does not type them so.
      inputSchema: inputSchema as Definition['inputSchema'],
      ...(outputSchema && { outputSchema: outputSchema as Definition['inputSchema'] }),
      annotations: {
        title,
        readOnlyHint: isRead,
        destructiveHint: destructive,
        idempotentHint: isRead || (idempotent ?? false),
        openWorldHint: false,
      },
    },
  }
}

function withApproval(schema: ObjectSchema, destructive: boolean): ObjectSchema {
  if (!destructive) return schema
  const approval = {
    type: 'string',
    format: 'uuid',
    description:
      'Leave out at first. If the call answers "approval-needed", make it again with the same arguments and this one: its approvalId',
  } as const
  return { ...schema, properties: { ...schema.properties, [approvalArgument]: approval } }
}
