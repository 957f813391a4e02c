const width = 1920
const height = 1080
const frame = { x: 260, y: 210, width: 1400, height: 620 }
const gap = 62

/** A theatre's sign with bulbs around it. */
export function sign() {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
    <defs>
      <linearGradient id="dusk" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#171336"/><stop offset="0.7" stop-color="#4b2462"/><stop offset="1" stop-color="#c04a6b"/></linearGradient>
      <radialGradient id="bulb"><stop offset="0" stop-color="#fffbe6"/><stop offset="0.35" stop-color="#ffdf80"/><stop offset="1" stop-color="#ffb300" stop-opacity="0"/></radialGradient>
      <filter id="glow" x="-20%" y="-20%" width="140%" height="140%"><feGaussianBlur stdDeviation="16"/></filter>
    </defs>
    <rect width="${width}" height="${height}" fill="url(#dusk)"/>
    ${skyline()}
    <rect x="${frame.x}" y="${frame.y}" width="${frame.width}" height="${frame.height}" rx="46" fill="#200f2c" stroke="#ffcf6b" stroke-width="10"/>
    ${bulbs()}
    <g text-anchor="middle" font-family="DejaVu Serif" font-weight="bold">
      <text x="960" y="440" font-size="122" fill="#ff8f6b" filter="url(#glow)">Open until nine</text>
      <text x="960" y="440" font-size="122" fill="#fff3dc">Open until nine</text>
      <text x="960" y="580" font-size="92" font-family="Noto Sans CJK SC" font-weight="normal" fill="#ffd98a">营业至晚上九点</text>
      <text x="960" y="706" font-size="44" font-family="DejaVu Sans" font-weight="normal" letter-spacing="22" fill="#ffb7a0">MARQUEE</text>
    </g>
  </svg>`
}

function bulbs() {
  const inset = 44
  const [left, top] = [frame.x + inset, frame.y + inset]
  const [across, down] = [frame.width - 2 * inset, frame.height - 2 * inset]
  const columns = Math.round(across / gap)
  const rows = Math.round(down / gap)
  const spots = [
    ...Array.from({ length: columns + 1 }, (_, at) => [left + (across * at) / columns, top]),
    ...Array.from({ length: columns + 1 }, (_, at) => [left + (across * at) / columns, top + down]),
    ...Array.from({ length: rows - 1 }, (_, at) => [left, top + (down * (at + 1)) / rows]),
    ...Array.from({ length: rows - 1 }, (_, at) => [left + across, top + (down * (at + 1)) / rows]),
  ]
  return spots.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="26" fill="url(#bulb)"/>`).join('')
}

/** Houses whose sizes come from a small fixed series, so that the picture is the same on each run. */
function skyline() {
  return Array.from({ length: 24 }, (_, at) => {
    const tall = 90 + ((at * 97) % 170)
    return `<rect x="${at * 80}" y="${height - tall}" width="76" height="${tall}" fill="#150b22" opacity="0.85"/>`
  }).join('')
}
