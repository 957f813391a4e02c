import { type SQL, sql } from 'drizzle-orm'
import type { DialectWords, Tx } from './db.ts'
import { queryWords, searchWords } from './search-text.ts'

/** drizzle's synchronous SQLite handle, which the shared type hides. */
type Runner = { run(statement: SQL): unknown }
// True on SQLite, where `Tx` is drizzle's better-sqlite3 database.
const runner = (tx: Tx) => tx as unknown as Runner

/** Tenants as one word of the index: ids have hyphens, which would split it. */
const tenantWord = (tenantId: string) =>
  `t${[...new TextEncoder().encode(tenantId)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
const quoted = (word: string) => `"${word.replaceAll('"', '""')}"`

export const sqliteWords: DialectWords = {
  adsMatch(tenantId, search) {
    const words = queryWords(search)
    if (words.length === 0) return sql`0`
    const match = `tenant:${tenantWord(tenantId)} AND body:(${words.map(({ word, prefix }) => quoted(word) + (prefix ? '*' : '')).join(' AND ')})`
    return sql`"ads"."id" IN (SELECT r.ad_id FROM ad_search s JOIN ad_search_rows r ON r.n = s.rowid WHERE ad_search MATCH ${match})`
  },
  async indexAd(tx, ad, text) {
    runner(tx).run(sql`DELETE FROM ad_search WHERE rowid = (SELECT n FROM ad_search_rows WHERE ad_id = ${ad.id})`)
    if (text === null) {
      runner(tx).run(sql`DELETE FROM ad_search_rows WHERE ad_id = ${ad.id}`)
      return
    }
    runner(tx).run(sql`INSERT INTO ad_search_rows (ad_id) VALUES (${ad.id}) ON CONFLICT DO NOTHING`)
    runner(tx).run(sql`INSERT INTO ad_search (rowid, tenant, body)
      SELECT n, ${tenantWord(ad.tenantId)}, ${searchWords(text).join(' ')} FROM ad_search_rows WHERE ad_id = ${ad.id}`)
  },
}
