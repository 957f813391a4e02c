import { mediaSettings } from './features/media/media.config.ts'
import { readSettings, type Setting, type Settings, type SettingValues } from './lib/settings.ts'
import { limitSettings } from './limits.config.ts'
import { serverSettings } from './server.config.ts'

const pieces = { server: serverSettings, media: mediaSettings, limits: limitSettings } as const satisfies Record<
  string,
  Settings
>

export type Config = { readonly [K in keyof typeof pieces]: SettingValues<(typeof pieces)[K]> }

/** All settings that are wrong, one sentence each. The program ends with exit code 78 (EX_CONFIG of sysexits.h). */
export class ConfigError extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`Settings that do not fit:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/** Parses the environment once. Throws `ConfigError` with every problem, unknown `MARQUEE_…` names among them. */
export function parseConfig(env: Record<string, string | undefined>): Config {
  const problems: string[] = []
  const config = {
    server: readSettings(pieces.server, env, problems),
    media: readSettings(pieces.media, env, problems),
    limits: readSettings(pieces.limits, env, problems),
  }
  const known = new Set(listSettings().map((setting) => setting.env))
  for (const name of Object.keys(env)) {
    if (name.startsWith('MARQUEE_') && !known.has(name)) problems.push(`${name}: no such setting. See docs/settings.md`)
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return config
}

/** Every setting, in the order of the docs. */
export function listSettings(): Setting[] {
  return Object.values(pieces).flatMap((piece) => Object.values<Setting>(piece))
}
