import { join } from 'node:path'
import { openLocalStorage } from './local.ts'
import type { LocalFs } from './local-files.ts'
import type { Signer } from './signed-path.ts'
import type { Storage } from './storage.ts'

/** What of the settings chooses the adapter. */
export type StorageSettings = { readonly media: { readonly storageType: 'local' } }
export type StorageParts = {
  readonly dataDir: string
  /** Signs links of the adapters that have no signatures of their own. */
  readonly secret: Signer
  readonly clock: { now(): Date }
  readonly fs?: LocalFs
}

/** The one switch between adapters. */
export function openStorage(settings: StorageSettings, { dataDir, secret, clock, fs }: StorageParts): Promise<Storage> {
  switch (settings.media.storageType) {
    case 'local':
      return openLocalStorage({
        folder: join(dataDir, 'media'),
        signer: secret,
        now: () => clock.now(),
        ...(fs && { fs }),
      })
  }
}
