import { type SQL, sql } from 'drizzle-orm'
import type { DialectWords, Tx } from './db.ts'
import { queryWords, searchWords } from './search-text.ts'

// True on Postgres, where `Tx` is drizzle's node-postgres transaction.
const runner = (tx: Tx) => tx as unknown as { execute(statement: SQL): Promise<unknown> }

/** A lexeme for `to_tsquery`, quoted, so that no letter of it is an operator. */
const quoted = (word: string) => `'${word.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

export const postgresWords: DialectWords = {
  adsMatch(tenantId, search) {
    const words = queryWords(search)
    if (words.length === 0) return sql`false`
    const query = words.map(({ word, prefix }) => quoted(word) + (prefix ? ':*' : '')).join(' & ')
    return sql`"ads"."id" IN (SELECT ad_id FROM ad_search WHERE tenant_id = ${tenantId} AND body @@ to_tsquery('simple', ${query}))`
  },
  async indexAd(tx, ad, text) {
    if (text === null) {
      await runner(tx).execute(sql`DELETE FROM ad_search WHERE ad_id = ${ad.id}`)
      return
    }
    const words = [...new Set(searchWords(text))]
    await runner(
      tx,
    ).execute(sql`INSERT INTO ad_search (ad_id, tenant_id, body) VALUES (${ad.id}, ${ad.tenantId}, array_to_tsvector(${sql.param(words)}::text[]))
      ON CONFLICT (ad_id) DO UPDATE SET body = excluded.body, tenant_id = excluded.tenant_id`)
  },
}
