import { type GetPromptResult, type Prompt, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'

type Given = Readonly<Record<string, string>>
type Known = Prompt & { readonly text: (given: Given) => string }

const maxArgument = 500

const known: readonly Known[] = [
  {
    name: 'plan_a_week',
    title: 'Plan a week',
    description: 'Looks at the advertisements and proposes which of them run on which days of a week',
    arguments: [
      { name: 'goal', description: 'What the week is for, e.g. "sell winter coats"' },
      { name: 'starts', description: 'Its first day, e.g. 2026-12-01; else the next Monday' },
    ],
    text: ({ goal, starts }) =>
      [
        `Plan which advertisements run in the week that starts ${starts ? `on ${quoted(starts)}` : 'next Monday'}.`,
        ...(goal ? [`The goal of the week: ${quoted(goal)}.`] : []),
        'First read the advertisements with search_advertisements (all pages) and the screens with list_screens.',
        'Then propose a table: day, advertisement (title and id), from when until when, and why.',
        'Change nothing yet. When the person agrees, set "valid_from" and "valid_until" with update_advertisement, first with "dry_run": true.',
      ].join('\n'),
  },
  {
    name: 'what_is_playing',
    title: 'What is playing?',
    description: 'Tells what the screens show now, and what comes next',
    arguments: [{ name: 'screen', description: 'The name of one screen; else all' }],
    text: ({ screen }) =>
      [
        `Tell me what ${screen ? `the screen ${quoted(screen)} shows` : 'each screen shows'} now, and what comes next.`,
        'Find the screens with list_screens, then ask get_current_advertisement and get_next_advertisement with "advance": false for each "screen_id".',
        'Say which screens are offline or have a problem. Answer in a few plain sentences, with titles instead of ids.',
      ].join('\n'),
  },
]

/** As they are listed. */
export const prompts: Prompt[] = known.map(({ text: _, ...prompt }) => prompt)

export function getPrompt({
  name,
  arguments: given = {},
}: {
  name: string
  arguments?: Given | undefined
}): GetPromptResult {
  const prompt = known.find((one) => one.name === name)
  if (!prompt) throw refused(`There is no prompt "${name.slice(0, 80)}". Call prompts/list to see them`)
  for (const [field, value] of Object.entries(given)) {
    if (!prompt.arguments?.some((argument) => argument.name === field))
      throw refused(`The prompt "${name}" has no argument "${field.slice(0, 80)}"`)
    if (value.length > maxArgument) throw refused(`"${field}": may have ${maxArgument} characters`)
  }
  return {
    ...(prompt.description !== undefined && { description: prompt.description }),
    messages: [{ role: 'user', content: { type: 'text', text: prompt.text(given) } }],
  }
}

function refused(message: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message)
}

/** Stays one value in the sentence around it. */
function quoted(value: string): string {
  return JSON.stringify(value)
}
