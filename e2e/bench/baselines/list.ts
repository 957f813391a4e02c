// One page of a tenant's ads with their assets from SQLite, as JSON: prepared statements and nothing else.
import { createServer } from 'node:http'
import process from 'node:process'
import Database from 'better-sqlite3'
import { listen } from './listen.ts'

const [path = '', tenant = ''] = process.argv.slice(2)
const db = new Database(path, { readonly: true })
const page = db.prepare(`
  SELECT a.id, a.title, a.description, a.tags, a.enabled, a.valid_from AS validFrom, a.valid_until AS validUntil,
    a.duration_ms AS durationMs, a.fit, a.volume, a.position, a.created_at AS createdAt, a.updated_at AS updatedAt,
    s.id AS assetId, s.category, s.kind, s.type, s.key, s.poster_key AS posterKey, s.file_name AS fileName, s.size,
    s.sha256, s.width, s.height, s.duration_ms AS filmMs, s.audio_codec AS audioCodec, s.created_at AS storedAt
  FROM ads a JOIN assets s ON s.id = a.asset_id
  WHERE a.tenant_id = ? AND a.removed_at IS NULL AND (a.position, a.id) > (?, ?)
  ORDER BY a.position, a.id LIMIT ?`)

listen(
  createServer((request, response) => {
    const query = new URL(request.url ?? '', 'http://localhost').searchParams
    const limit = Number(query.get('limit') ?? 50)
    const items = page.all(tenant, Number(query.get('position') ?? -1), query.get('id') ?? '', limit)
    const body = JSON.stringify({ items })
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body)
  }),
)
