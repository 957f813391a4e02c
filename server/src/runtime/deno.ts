import { join } from 'node:path'
import { withSpan } from '@better-auth/core/instrumentation'
import { listenDeno } from './listen-deno.ts'
import { serve } from './serve.ts'
import { sourcePlaces } from './start.ts'

// better-auth imports OpenTelemetry when it is first asked for something. Were that inside a write, Deno would take every
// later request for a part of that write: an import lets the asynchronous context out there. So it is done before.
withSpan('start', {}, () => undefined)
await import('@opentelemetry/api')

await serve(listenDeno, sourcePlaces(join(import.meta.dirname ?? '.', '../../..')))
