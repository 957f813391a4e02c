// One page of a tenant's ads with their assets from SQLite, as the JSON that the API answers but for its signed URLs: one
// prepared statement and nothing else.
import { createServer } from 'node:http'
import process from 'node:process'
import Database from 'better-sqlite3'
import { listen } from './listen.ts'

const [path = '', tenant = ''] = process.argv.slice(2)
const db = new Database(path, { readonly: true })
const page = db.prepare<unknown[], Found>(`
  SELECT a.id, a.title, a.description, a.tags, a.enabled, a.valid_from, a.valid_until, a.duration_ms, a.fit, a.volume,
    a.created_at, a.updated_at, s.id AS asset_id, s.category, s.kind, s.type, s.key, s.poster_key, s.file_name, s.size,
    s.sha256, s.width, s.height, s.duration_ms AS film_ms, s.audio_codec, s.created_at AS stored_at
  FROM ads a JOIN assets s ON s.id = a.asset_id
  WHERE a.tenant_id = ? AND a.removed_at IS NULL AND (a.position, a.id) > (?, '')
  ORDER BY a.position, a.id LIMIT ?`)

type Found = Record<'title' | 'tags' | 'fit' | 'key', string> & {
  [column: string]: string | number | null
  enabled: number
  valid_from: number | null
  valid_until: number | null
  created_at: number
  updated_at: number
  stored_at: number
}

const instant = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())

function toItem(row: Found, now: number) {
  const { valid_from: from, valid_until: until, enabled } = row
  const isLive = (from === null || from <= now) && (until === null || until > now)
  return {
    id: row.id,
    title: row.title,
    description: row.description,
    tags: JSON.parse(row.tags),
    enabled: enabled === 1,
    validFrom: instant(from),
    validUntil: instant(until),
    durationMs: row.duration_ms,
    fit: row.fit,
    volume: row.volume,
    asset: {
      id: row.asset_id,
      category: row.category,
      kind: row.kind,
      type: row.type,
      fileName: row.file_name,
      size: row.size,
      sha256: row.sha256,
      width: row.width,
      height: row.height,
      durationMs: row.film_ms,
      hasSound: row.audio_codec !== null,
      url: row.key,
      posterUrl: row.poster_key,
      createdAt: instant(row.stored_at),
    },
    state: !enabled ? 'off' : isLive ? 'live' : from !== null && from > now ? 'waiting' : 'over',
    createdAt: instant(row.created_at),
    updatedAt: instant(row.updated_at),
  }
}

listen(
  createServer((request, response) => {
    const query = new URL(request.url ?? '', 'http://localhost').searchParams
    const now = Date.now()
    const rows = page.all(tenant, Number(query.get('position')), Number(query.get('limit') ?? 50))
    const body = JSON.stringify({ items: rows.map((row) => toItem(row, now)) })
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body)
  }),
)
