import type { z } from 'zod'

/** One setting: the environment's name of it, a sentence for the table in the docs, its schema with default. */
export type Setting<S extends z.ZodType = z.ZodType> = {
  readonly env: string
  readonly doc: string
  readonly secret?: boolean
  readonly schema: S
}
export type Settings = Readonly<Record<string, Setting>>
export type SettingValues<T extends Settings> = { readonly [K in keyof T]: z.output<T[K]['schema']> }

/** Reads the values of one piece; `problems` gets a sentence for each that does not fit. */
export function readSettings<T extends Settings>(
  settings: T,
  env: Record<string, string | undefined>,
  problems: string[],
): SettingValues<T> {
  const values: Record<string, unknown> = {}
  for (const [name, setting] of Object.entries(settings)) {
    const given = env[setting.env]
    const parsed = setting.schema.safeParse(given === '' ? undefined : given)
    if (parsed.success) values[name] = parsed.data
    else
      problems.push(
        `${setting.env}${setting.secret ? '' : `="${given ?? ''}"`}: ${parsed.error.issues.map((issue) => issue.message).join('; ')}`,
      )
  }
  // Every name was read, or a problem was noted and the caller does not use the result.
  return values as SettingValues<T>
}
