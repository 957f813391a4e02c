import { describe } from 'vitest'
import { makeSecret } from '../lib/secret.ts'
import { openMemoryStorage } from './memory.ts'
import { testStorage } from './storage.contract.ts'

describe('storage in memory', () => {
  testStorage(async () => ({
    storage: openMemoryStorage({ signer: makeSecret('a secret for tests'), partSize: 100_000 }),
    async [Symbol.asyncDispose]() {},
  }))
})
