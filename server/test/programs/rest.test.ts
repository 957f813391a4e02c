import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { marquee } from '../marquee.ts'
import { newDataDir, type Program, startProgram } from '../program.ts'

const run = promisify(execFile)
const film = join(import.meta.dirname, '../../../examples/morning-coffee.mp4')

/** The calls of the first upload guide, as one types them. */
describe.each(['node', 'deno'] as const)('curl against the program on %s', (runtime) => {
  let program: Program
  let key: string
  let foreignKey: string

  const curl = async (...args: string[]) => {
    const { stdout } = await run('curl', ['-sS', '-w', '\n%{http_code}', ...args], { maxBuffer: 64 * 1024 * 1024 })
    const at = stdout.lastIndexOf('\n')
    return { status: Number(stdout.slice(at + 1)), body: JSON.parse(stdout.slice(0, at)) }
  }
  const bearer = (value = key) => ['-H', `Authorization: Bearer ${value}`]

  beforeAll(async () => {
    const dataDir = newDataDir()
    mkdirSync(dataDir, { recursive: true })
    const place = { env: { MARQUEE_DATA_DIR: dataDir } }
    const makeKey = async (tenant: string) => {
      await marquee(place, ['tenant', 'create', tenant, '--name', tenant])
      const args = ['key', 'create', '--tenant', tenant, '--scopes', 'ads:read,ads:write', '--for', 'script']
      return (await marquee(place, args)).stdout.trim()
    }
    key = await makeKey('client_001')
    foreignKey = await makeKey('client_002')
    program = await startProgram({ runtime, dataDir })
  }, 120_000)
  afterAll(() => program?.[Symbol.asyncDispose]())

  it('uploads, lists, fetches by address and deletes', async () => {
    const form = ['-F', `file=@${film}`, '-F', 'client=client_001', '-F', 'category=ads']
    const uploaded = await curl(...bearer(), ...form, `${program.url}/api/upload`)
    expect(uploaded.status).toBe(200)
    const bytes = readFileSync(film)
    expect(uploaded.body).toMatchObject({
      success: true,
      original_name: 'morning-coffee.mp4',
      size_bytes: bytes.length,
      category: 'ads',
      client_id: 'client_001',
      storage_path: `client_001/ads/${uploaded.body.filename}`,
    })
    const listed = await curl(...bearer(), `${program.url}/api/media/list?category=ads`)
    expect(listed.body).toMatchObject({ total_count: 1, next_cursor: null })
    const [file] = listed.body.files
    expect(file).toMatchObject({ filename: uploaded.body.filename, size_bytes: bytes.length })
    const { stdout } = await run('curl', ['-sS', file.url], { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 })
    expect(stdout.equals(bytes)).toBe(true)

    const path = `${program.url}/api/media/delete?category=ads&filename=${file.filename}`
    expect(await curl('-X', 'DELETE', ...bearer(foreignKey), path)).toMatchObject({ status: 404 })
    const deleted = await curl('-X', 'DELETE', ...bearer(), path)
    expect(deleted).toMatchObject({ status: 200, body: { success: true, message: expect.any(String) } })
    expect((await curl(...bearer(), `${program.url}/api/media/list?category=ads`)).body.total_count).toBe(0)
  })

  it('refuses a wrong key, another client and an unknown file', async () => {
    const list = `${program.url}/api/media/list`
    expect(await curl(list)).toMatchObject({ status: 401, body: { code: 'not-signed-in' } })
    expect(await curl(...bearer('mq_wrong'), list)).toMatchObject({ status: 401, body: { code: 'wrong-credentials' } })
    expect(await curl(...bearer(), `${list}?client=client_002`)).toMatchObject({ status: 403 })
    const upload = ['-F', `file=@${film}`, '-F', 'client=client_002', `${program.url}/api/upload`]
    expect(await curl(...bearer(), ...upload)).toMatchObject({ status: 403, body: { reason: 'client' } })
    const unknown = `${program.url}/api/media/delete?filename=none.mp4`
    expect(await curl('-X', 'DELETE', ...bearer(), unknown)).toMatchObject({ status: 404 })
  })

  it('shows the page of the calls, and the document', async () => {
    expect((await curl(`${program.url}/api/openapi.json`)).body.openapi).toMatch(/^3\.1/)
    const page = await fetch(`${program.url}/api/`)
    expect([page.status, await page.text()]).toMatchObject([200, expect.stringContaining('Marquee API')])
  })
})
