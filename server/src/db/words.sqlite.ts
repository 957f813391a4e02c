import { type SQL, sql } from 'drizzle-orm'
import type { AdPlace, DialectWords, Read } from './db.ts'
import { planSearch, rareMatches } from './search-plan.ts'
import { indexTerms, plainText, type QueryTerm, queryTerms } from './search-text.ts'

/** drizzle's synchronous SQLite handle, which the shared type hides. */
type Runner = { run(statement: SQL): unknown; all(query: SQL): unknown[] }
// True on SQLite, where `Read` and `Tx` are drizzle's better-sqlite3 database.
const runner = (read: Read) => read as unknown as Runner

/** A string of FTS5's query language: in double quotes no letter is an operator. */
const quoted = ({ term, prefix }: QueryTerm) => `"${term.replaceAll('"', '""')}"${prefix ? ' *' : ''}`
const behind = (after: AdPlace | null) =>
  after === null ? sql`` : sql`AND (r.position, r.ad_id) > (${after.position}, ${after.id})`

export const sqliteWords: DialectWords = {
  async findAds(read, wanted) {
    const { tenantId } = wanted
    const terms = queryTerms(tenantId, wanted.search)
    if (terms.length === 0) return { ids: [] }
    const match = terms.map(quoted).join(' AND ')
    const inText = sql.join(
      terms.map((term) => sql`instr(r.text, ${term.inText}) > 0`),
      sql` AND `,
    )
    // The columns are those of `AdPlace`.
    const places = async (query: SQL) => runner(read).all(query) as AdPlace[]
    return planSearch(wanted, {
      condition: sql`EXISTS (SELECT 1 FROM ad_search_rows r WHERE r.ad_id = ${read.tables.ads.id} AND ${inText})`,
      async countMatches() {
        const found = sql`SELECT 1 FROM ad_search WHERE ad_search MATCH ${match} LIMIT ${rareMatches + 1}`
        const [row] = runner(read).all(sql`SELECT count(*) AS n FROM (${found})`) as { n: number }[]
        return row?.n ?? 0
      },
      // CROSS JOIN: from the index to the rows, never the other way round.
      fromIndex: (after, limit) =>
        places(sql`SELECT r.ad_id AS id, r.position FROM ad_search s CROSS JOIN ad_search_rows r ON r.n = s.rowid
          WHERE ad_search MATCH ${match} AND r.tenant_id = ${tenantId} ${behind(after)} ORDER BY r.position, r.ad_id LIMIT ${limit}`),
      byWalking: (after, limit, most = -1) =>
        places(sql`SELECT r.ad_id AS id, r.position FROM (
            SELECT ad_id, position, text FROM ad_search_rows r
            WHERE r.tenant_id = ${tenantId} ${behind(after)} ORDER BY r.position, r.ad_id LIMIT ${most}
          ) r WHERE ${inText} LIMIT ${limit}`),
    })
  },
  async indexAds(tx, ads) {
    const db = runner(tx)
    for (const { id, tenantId, position, text } of ads) {
      db.run(sql`INSERT INTO ad_search_rows (ad_id, tenant_id, position, text) VALUES (${id}, ${tenantId}, ${position}, ${plainText(text)})
        ON CONFLICT (ad_id) DO UPDATE SET position = excluded.position, text = excluded.text`)
      db.run(sql`INSERT OR REPLACE INTO ad_search (rowid, terms)
        SELECT n, ${indexTerms(tenantId, text).join(' ')} FROM ad_search_rows WHERE ad_id = ${id}`)
    }
  },
  async forgetAds(tx, ids) {
    for (const id of ids) {
      runner(tx).run(sql`DELETE FROM ad_search WHERE rowid = (SELECT n FROM ad_search_rows WHERE ad_id = ${id})`)
      runner(tx).run(sql`DELETE FROM ad_search_rows WHERE ad_id = ${id}`)
    }
  },
  async placeAd(tx, id, position) {
    runner(tx).run(sql`UPDATE ad_search_rows SET position = ${position} WHERE ad_id = ${id}`)
  },
}
