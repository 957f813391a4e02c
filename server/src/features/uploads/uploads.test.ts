import { describe, expect, it } from 'vitest'
import { film } from '../../../test/fixtures/films.ts'
import { send } from '../../../test/fixtures/send.ts'
import { createTestApp } from '../../../test/test-app.ts'

describe('a whole upload', () => {
  it('makes an asset and an ad of a film, and delivers exactly its bytes', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const bytes = await film('h264-aac.mp4')
    const done = await send(app, owner, bytes, { name: '新品 Film.mp4', ad: {} })
    expect(done.asset).toMatchObject({
      kind: 'film',
      type: 'video/mp4',
      width: 320,
      height: 180,
      hasSound: true,
      fileName: '新品 Film.mp4',
    })
    expect(done.asset.durationMs).toBeGreaterThan(1900)
    expect(done.asset.durationMs).toBeLessThan(2200)
    expect(done.ad?.title).toBe('新品 Film')
    const answer = await app.fetch(done.asset.url)
    expect(answer.status).toBe(200)
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(bytes)
  })
})
