import { join } from 'node:path'
import { openLocalStorage } from './local.ts'
import type { LocalFs } from './local-files.ts'
import type { Signer } from './signed-path.ts'
import type { Storage } from './storage.ts'

export type OpenStorage = {
  readonly type: 'local'
  readonly dataDir: string
  readonly signer: Signer
  readonly now?: () => Date
  readonly fs?: LocalFs
}

/** The one switch between adapters. */
export function openStorage({ type, dataDir, ...options }: OpenStorage): Promise<Storage> {
  switch (type) {
    case 'local':
      return openLocalStorage({ ...options, folder: join(dataDir, 'media') })
  }
}
