/**
 * Words of a text as both databases index them: Latin words in lower case, and for scripts without spaces (Han, Kana,
 * Hangul, Thai) every character and every pair of neighbours, so that a word of two characters is found.
 */
export function searchWords(text: string): string[] {
  const words: string[] = []
  for (const run of text
    .normalize('NFKC')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu) ?? []) {
    for (const piece of run.match(
      /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}ー]+|[^\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}ー]+/gu,
    ) ?? []) {
      if (/[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}]/u.test(piece)) words.push(...grams([...piece]))
      else words.push(piece)
    }
  }
  return words
}

function grams(characters: string[]): string[] {
  return characters.flatMap((one, at) => (at + 1 < characters.length ? [one, one + characters[at + 1]] : [one]))
}

/**
 * The words that a query asks for, all of which must be there. `prefix` ones match longer words too. A run of two or
 * more characters of an unspaced script asks for its pairs only, since they imply the single ones.
 */
export function queryWords(text: string): { word: string; prefix: boolean }[] {
  const found = searchWords(text)
  const unspaced = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}]/u
  const pairs = found.filter((word) => unspaced.test(word) && [...word].length === 2)
  const wanted = found.filter(
    (word) => !(unspaced.test(word) && [...word].length === 1 && pairs.some((pair) => pair.includes(word))),
  )
  return [...new Set(wanted)].slice(0, 20).map((word) => ({ word, prefix: !unspaced.test(word) }))
}
