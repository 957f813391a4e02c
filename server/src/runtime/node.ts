import { join } from 'node:path'
import { listenNode } from './listen-node.ts'
import { serve } from './serve.ts'
import { sourcePlaces } from './start.ts'

await serve(listenNode, sourcePlaces(join(import.meta.dirname, '../../..')))
