import type { Command } from 'commander'

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('Starts the server and prints its addresses')
    .addHelpText('after', '\nExample:\n  MARQUEE_HOST=0.0.0.0 MARQUEE_PORT=8080 marquee serve')
    .action(async () => {
      const [{ listenNode }, { serve }, { places }] = await Promise.all([
        import('../runtime/listen-node.ts'),
        import('../runtime/serve.ts'),
        import('./places.ts'),
      ])
      await serve(listenNode, places)
    })
}
