import { join } from 'node:path'
import { listenDeno } from './listen-deno.ts'
import { serve } from './serve.ts'
import { sourcePlaces } from './start.ts'

await serve(listenDeno, sourcePlaces(join(import.meta.dirname ?? '.', '../../..')))
