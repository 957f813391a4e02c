import type { Server } from 'node:http'
import process from 'node:process'

/** Listens on a free port of loopback and says where, as the bench expects it; ends with its parent. */
export function listen(server: Server): void {
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    if (typeof address === 'object' && address) console.log(`listening on http://127.0.0.1:${address.port}`)
  })
  process.on('disconnect', () => process.exit(0))
}
