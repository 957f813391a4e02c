const width = 1280
const height = 720
const bunch = [
  { x: 300, y: 300, size: 150, petals: 12, color: '#ff7a8a', turn: 1 },
  { x: 520, y: 470, size: 118, petals: 9, color: '#ffb84d', turn: -1 },
  { x: 170, y: 520, size: 104, petals: 8, color: '#f4f0ff', turn: 1 },
  { x: 520, y: 190, size: 88, petals: 10, color: '#b58cff', turn: -1 },
]

/** Flowers that turn and breathe; the last frame meets the first. `time` goes from 0 to 1. */
export const flowers = { width, height, seconds: 6, frame }

function frame(time) {
  const pulse = 0.5 + 0.5 * Math.sin(2 * Math.PI * time)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
    <defs><linearGradient id="field" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#0f4d3f"/><stop offset="1" stop-color="#062a2b"/></linearGradient></defs>
    <rect width="${width}" height="${height}" fill="url(#field)"/>
    ${bunch.map((flower) => `<path d="M${flower.x} ${flower.y} Q${flower.x + 30} 640 370 760" fill="none" stroke="#3f8f5f" stroke-width="12"/>`).join('')}
    ${bunch.map((flower) => bloom(flower, time)).join('')}
    <g font-family="DejaVu Sans" fill="#f3fff8">
      <text x="720" y="290" font-size="104" font-weight="bold">Fresh</text>
      <text x="720" y="400" font-size="104" font-weight="bold">today</text>
      <text x="724" y="474" font-size="46" font-family="Noto Sans CJK SC">今日鲜花 · 当天到店</text>
      <text x="724" y="556" font-size="28" letter-spacing="7" opacity="${0.6 + 0.4 * pulse}">MARQUEE FLOWERS</text>
    </g>
  </svg>`
}

/** A flower turns by one petal in the length of the film, which looks like no step at all. */
function bloom({ x, y, size, petals, color, turn }, time) {
  const grown = size * (1 + 0.05 * Math.sin(2 * Math.PI * time + x))
  const ring = (count, scale, opacity, offset) =>
    Array.from({ length: count }, (_, at) => {
      const angle = (360 / count) * (at + offset + turn * time)
      return `<ellipse cx="0" cy="${-grown * scale * 0.62}" rx="${grown * scale * 0.24}" ry="${grown * scale * 0.5}" fill="${color}" opacity="${opacity}" transform="rotate(${angle})"/>`
    }).join('')
  return `<g transform="translate(${x} ${y})">${ring(petals, 1, 0.75, 0)}${ring(petals, 0.68, 0.95, 0.5)}<circle r="${grown * 0.17}" fill="#ffe9a8"/><circle r="${grown * 0.1}" fill="#e0a93b"/></g>`
}
