import process from 'node:process'
import type { Command } from 'commander'

export function addMcpCommand(program: Command): void {
  program
    .command('mcp')
    .description('Serves agents on this machine over standard input and output (MCP), beside a running server')
    .addHelpText(
      'after',
      '\nThe key is read from MARQUEE_KEY. An agent starts the command itself; in its settings that is for example:\n  {"command": "npm", "args": ["run", "--silent", "marquee", "--", "mcp"], "env": {"MARQUEE_KEY": "mq_…"}}\n\nExample:\n  MARQUEE_KEY=mq_… marquee mcp',
    )
    .action(mcpCommand)
}

/** Nothing but the protocol goes to stdout. */
async function mcpCommand(): Promise<void> {
  const [{ withDeps }, { serveMcpOn }, { ConfigError, parseConfig }, { serveStdio, StdioServerTransport }] =
    await Promise.all([
      import('./with-deps.ts'),
      import('../mcp/mcp.stdio.ts'),
      import('../config.ts'),
      import('@modelcontextprotocol/server/stdio'),
    ])
  const { key } = parseConfig(process.env).server
  if (key === undefined)
    throw new ConfigError(['MARQUEE_KEY: give the key to act with. Make one with "marquee key create --for agent"'])
  await withDeps(async (deps) => {
    const stopped = Promise.withResolvers<void>()
    process.stdin.once('end', stopped.resolve).once('close', stopped.resolve)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.resolve())
    // Each answer that waits for a slow reader listens for its turn.
    process.stdout.setMaxListeners(0)
    const serve: Parameters<typeof serveMcpOn>[1]['serve'] = (factory, shortcut) => {
      const transport = new StdioServerTransport()
      const serving = serveStdio(factory, { transport })
      const onward = transport.onmessage
      transport.onmessage = (message) => {
        if (!shortcut(message, (line) => process.stdout.write(`${line}\n`))) onward?.(message)
      }
      return serving
    }
    const serving = await serveMcpOn(deps, { key, serve, ended: stopped.resolve })
    await stopped.promise
    await serving.close()
  })
}
