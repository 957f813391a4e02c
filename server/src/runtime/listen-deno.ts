import type { Listen } from './start.ts'
import { comeBack } from './stopping.ts'

/** The part of Deno's own API that we use; its types are not there when TypeScript runs for Node. */
type DenoServe = {
  serve(
    options: { hostname: string; port: number; onListen(): void },
    handler: (request: Request, info: { remoteAddr: { hostname?: string } }) => Promise<Response>,
  ): { addr: { port: number }; shutdown(): Promise<void> }
}

/** Listens with Deno.serve. */
export const listenDeno: Listen = async ({ host, port, fetch }) => {
  // True under Deno, which is where this file runs.
  const deno = (globalThis as unknown as { Deno: DenoServe }).Deno
  let isStopping = false
  const server = deno.serve({ hostname: host, port, onListen: () => undefined }, async (request, info) =>
    isStopping ? new Response(comeBack.body, comeBack) : fetch(request, { address: info.remoteAddr.hostname ?? '' }),
  )
  return {
    port: server.addr.port,
    close(graceMs) {
      isStopping = true
      return Promise.race([server.shutdown(), new Promise<void>((resolve) => setTimeout(resolve, graceMs))])
    },
  }
}
