import pg from 'pg'

const reconnectMs = 500

/** Hears of commits that appended an event, by any process, through NOTIFY; after a lost connection it calls once, to be safe. */
export function listenForCommits(url: string) {
  const listeners = new Set<() => void>()
  const signal = () => {
    for (const listener of listeners) listener()
  }
  let stopped = false
  let client: pg.Client | undefined
  let timer: NodeJS.Timeout | undefined

  const retry = () => {
    client = undefined
    if (!stopped) timer = setTimeout(() => void connect(), reconnectMs).unref()
  }
  const connect = async () => {
    const next = new pg.Client({ connectionString: url, application_name: 'marquee-listen', keepAlive: true })
    next.on('notification', signal)
    // `end` follows every error, so `error` itself needs no answer of its own.
    next.on('error', () => undefined)
    next.once('end', retry)
    try {
      await next.connect()
      client = next
      await next.query('LISTEN marquee_events')
      signal()
    } catch {
      // Not connected: pg emits `end` only after a connection, so ask for the next try here.
      if (client !== next) retry()
    }
  }
  const ready = connect()

  return {
    signal,
    listen(listener: () => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      await ready
      await client?.end()
    },
  }
}
