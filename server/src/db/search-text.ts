/** Scripts that are written without spaces between words: there every character and every pair of neighbours is a word. */
const unspaced = '\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Hang}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmr}\\p{sc=Mymr}ー々'
/** Runs of one kind: an emoji, a number, an unspaced script, any other letters. So "promo0012" is "promo" and "0012". */
const piece = new RegExp(
  `\\p{Extended_Pictographic}|\\p{N}+|[${unspaced}\\p{M}]*[${unspaced}][${unspaced}\\p{M}]*|(?:(?![${unspaced}])[\\p{L}\\p{M}])+`,
  'gu',
)
const isUnspaced = new RegExp(`[${unspaced}]`, 'u')
const maxWord = 40
const maxQueryWords = 20
/** Beginnings of up to so many characters are terms of their own, since collecting all words with a beginning is slow. */
const shortPrefix = 10

/** Pieces of a text in the one form that the search compares: compatible forms made equal, lower case, no accents. */
function pieces(text: string): string[] {
  const plain = text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFKC')
    .toLowerCase()
  return (plain.match(piece) ?? []).map((found) =>
    isUnspaced.test(found) ? found : [...found].slice(0, maxWord).join(''),
  )
}

/** The text as the walk through the order looks at it; see `inText`. */
export function plainText(text: string): string {
  return ` ${pieces(text).join(' ')} `
}

/** Terms under which the index of either database finds the text. They are a tenant's own: each starts with its mark. */
export function indexTerms(tenantId: string, text: string): string[] {
  const mark = tenantMark(tenantId)
  const terms = new Set<string>()
  for (const found of pieces(text)) {
    if (isUnspaced.test(found)) for (const gram of grams([...found])) terms.add(mark + gram)
    else for (const term of wordTerms([...found])) terms.add(mark + term)
  }
  return [...terms]
}

function grams(characters: string[]): string[] {
  return characters.flatMap((one, at) => (at + 1 < characters.length ? [one, one + characters[at + 1]] : [one]))
}

/** A middle dot is no letter and no number, so a beginning is never taken for a word. */
function wordTerms(characters: string[]): string[] {
  const beginnings = characters.slice(0, shortPrefix).map((_, at) => `·${characters.slice(0, at + 1).join('')}`)
  return [...beginnings, characters.join('')]
}

/** One of the terms that an ad must have. `prefix`: or a longer one that starts so. `inText`: the same question to `plainText`. */
export type QueryTerm = { readonly term: string; readonly prefix: boolean; readonly inText: string }

/**
 * What a query asks for, all of which must be there; none where it has no letter, number or emoji. Of an unspaced script
 * with two characters or more it asks for the pairs, which imply the single ones.
 */
export function queryTerms(tenantId: string, query: string): QueryTerm[] {
  const mark = tenantMark(tenantId)
  const terms = new Map<string, QueryTerm>()
  for (const found of pieces(query)) {
    const characters = [...found]
    const wanted = isUnspaced.test(found)
      ? grams(characters)
          .filter((gram) => characters.length === 1 || [...gram].length === 2)
          .map((gram) => ({ term: mark + gram, prefix: false, inText: gram }))
      : [beginning(mark, characters)]
    for (const one of wanted) terms.set(one.term, one)
  }
  return [...terms.values()].slice(0, maxQueryWords)
}

function beginning(mark: string, characters: string[]): QueryTerm {
  const word = characters.join('')
  const short = characters.length <= shortPrefix
  return { term: mark + (short ? `·${word}` : word), prefix: !short, inText: ` ${word}` }
}

/**
 * A short hash of the tenant's id (FNV-1a): it keeps one tenant's search from reading all others' entries. It keeps
 * nothing secret, two tenants may share one: who may see what is decided by the rows' tenant.
 */
function tenantMark(tenantId: string): string {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(tenantId)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash.toString(36).padStart(7, '0')
}
