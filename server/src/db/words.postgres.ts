import { type SQL, sql } from 'drizzle-orm'
import type { AdPlace, DialectWords, Read } from './db.ts'
import { planSearch, rareMatches } from './search-plan.ts'
import { indexTerms, plainText, type QueryTerm, queryTerms } from './search-text.ts'

type Runner = { execute(statement: SQL): Promise<{ rows: unknown[] }> }
// True on Postgres, where `Read` and `Tx` are drizzle's node-postgres database and transaction.
const runner = (read: Read) => read as unknown as Runner

/** A lexeme of a tsquery, in quotes, so that no letter of it is an operator. */
const quoted = ({ term, prefix }: QueryTerm) =>
  `'${term.replaceAll('\\', '\\\\').replaceAll("'", "''")}'${prefix ? ':*' : ''}`
const behind = (after: AdPlace | null) =>
  after === null ? sql`` : sql`AND (position, ad_id) > (${after.position}, ${after.id})`

export const postgresWords: DialectWords = {
  async findAds(read, wanted) {
    const { tenantId } = wanted
    const terms = queryTerms(tenantId, wanted.search)
    if (terms.length === 0) return { ids: [] }
    const match = sql`body @@ ${terms.map(quoted).join(' & ')}::tsquery`
    const inText = sql.join(
      terms.map((term) => sql`strpos(text, ${term.inText}) > 0`),
      sql` AND `,
    )
    // The columns are those of `AdPlace`.
    const places = async (query: SQL) => (await runner(read).execute(query)).rows as AdPlace[]
    return planSearch(wanted, {
      condition: sql`EXISTS (SELECT 1 FROM ad_search r WHERE r.ad_id = ${read.tables.ads.id} AND ${inText})`,
      async countMatches() {
        const found = sql`SELECT 1 FROM ad_search WHERE ${match} LIMIT ${rareMatches + 1}`
        const { rows } = await runner(read).execute(sql`SELECT count(*)::integer AS n FROM (${found}) AS found`)
        return (rows[0] as { n: number }).n
      },
      // MATERIALIZED: from the index, never by walking the order.
      fromIndex: (after, limit) =>
        places(sql`WITH found AS MATERIALIZED (SELECT ad_id, position, tenant_id FROM ad_search WHERE ${match})
          SELECT ad_id AS id, position FROM found WHERE tenant_id = ${tenantId} ${behind(after)} ORDER BY position, ad_id LIMIT ${limit}`),
      byWalking: (after, limit, most) =>
        places(sql`SELECT ad_id AS id, position FROM (
            SELECT ad_id, position, text FROM ad_search
            WHERE tenant_id = ${tenantId} ${behind(after)} ORDER BY position, ad_id LIMIT ${most ?? null}::bigint
          ) AS next WHERE ${inText} LIMIT ${limit}`),
    })
  },
  async indexAds(tx, ads) {
    const rows = ads.map(({ id, tenantId, position, text }) => {
      const terms = sql.param(indexTerms(tenantId, text))
      return sql`(${id}, ${tenantId}, ${position}::double precision, ${plainText(text)}, array_to_tsvector(${terms}::text[]))`
    })
    await runner(
      tx,
    ).execute(sql`INSERT INTO ad_search (ad_id, tenant_id, position, text, body) VALUES ${sql.join(rows, sql`, `)}
      ON CONFLICT (ad_id) DO UPDATE SET position = excluded.position, text = excluded.text, body = excluded.body`)
  },
  async forgetAds(tx, ids) {
    await runner(tx).execute(sql`DELETE FROM ad_search WHERE ad_id = ANY(${sql.param(ids)}::text[])`)
  },
  async placeAd(tx, id, position) {
    await runner(tx).execute(sql`UPDATE ad_search SET position = ${position} WHERE ad_id = ${id}`)
  },
}
