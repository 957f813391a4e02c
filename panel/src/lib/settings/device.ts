/** Browser and system that a user agent names, as far as it matters to recognise one's own devices. */
export function readDevice(agent: string | null): { browser: string; system: string } | null {
  if (!agent) return null
  const browser = first(agent, {
    'Edg/': 'Edge',
    'OPR/': 'Opera',
    'MicroMessenger/': 'WeChat',
    'Firefox/': 'Firefox',
    'FxiOS/': 'Firefox',
    'CriOS/': 'Chrome',
    'Chrome/': 'Chrome',
    'Safari/': 'Safari',
  })
  const system = first(agent, {
    iPhone: 'iPhone',
    iPad: 'iPad',
    Android: 'Android',
    'Windows NT': 'Windows',
    'Mac OS X': 'Mac',
    CrOS: 'ChromeOS',
    Linux: 'Linux',
  })
  return browser && system ? { browser, system } : null
}

function first(agent: string, names: Record<string, string>): string | null {
  return Object.entries(names).find(([mark]) => agent.includes(mark))?.[1] ?? null
}
