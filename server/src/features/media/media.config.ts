import { z } from 'zod'
import type { Settings } from '../../lib/settings.ts'

/** How bytes are stored and delivered. */
export const mediaSettings = {
  storageType: {
    env: 'STORAGE_TYPE',
    doc: 'Where media live. `local`: in the data folder.',
    schema: z.enum(['local'], 'Must be local').default('local'),
  },
  delivery: {
    env: 'DELIVERY',
    doc: 'How media reach screens. `proxy`: the server streams them.',
    schema: z.enum(['proxy'], 'Must be proxy').default('proxy'),
  },
} as const satisfies Settings
