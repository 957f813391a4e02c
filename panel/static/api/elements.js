/** An element with attributes and children; texts are texts, never markup. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === undefined) continue
    made.setAttribute(key, value === true ? '' : String(value))
  }
  made.append(...children.flat())
  return made
}

/** The little of Markdown that the document's texts have: `code`, **strong**, lists, paragraphs. */
export function prose(text) {
  const blocks = text.split('\n\n').map((block) => {
    const lines = block.split('\n')
    if (!lines.every((line) => line.startsWith('- '))) return element('p', {}, inline(block))
    return element(
      'ul',
      {},
      lines.map((line) => element('li', {}, inline(line.slice(2)))),
    )
  })
  return blocks
}

export function inline(text) {
  return text
    .split(/(`[^`]+`|\*\*[^*]+\*\*)/)
    .filter(Boolean)
    .map((piece) => {
      if (piece.startsWith('`')) return element('code', {}, piece.slice(1, -1))
      if (piece.startsWith('**')) return element('strong', {}, piece.slice(2, -2))
      return piece
    })
}
