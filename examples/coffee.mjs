const width = 1280
const height = 720

/** A cup whose steam rises; the last frame meets the first. `time` goes from 0 to 1. */
export const coffee = { width, height, seconds: 8, frame }

function frame(time) {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
    <defs>
      <radialGradient id="light" cx="${30 + 6 * Math.sin(2 * Math.PI * time)}%" cy="45%" r="80%">
        <stop offset="0" stop-color="#f7d9a8"/><stop offset="0.55" stop-color="#d98f4e"/><stop offset="1" stop-color="#7a3b1d"/>
      </radialGradient>
      <linearGradient id="cup" x1="0" x2="1"><stop offset="0" stop-color="#fffaf1"/><stop offset="1" stop-color="#e9d3b6"/></linearGradient>
      <filter id="soft"><feGaussianBlur stdDeviation="9"/></filter>
    </defs>
    <rect width="${width}" height="${height}" fill="url(#light)"/>
    <ellipse cx="390" cy="574" rx="270" ry="34" fill="#4a2312" opacity="0.35"/>
    <ellipse cx="390" cy="556" rx="240" ry="30" fill="#fff4e2"/><ellipse cx="390" cy="550" rx="190" ry="20" fill="#e4cba9"/>
    <path d="M530 385 q110 -6 104 66 q-8 74 -130 66" fill="none" stroke="#f0ddc3" stroke-width="26"/>
    <path d="M228 350 h324 q-6 200 -96 200 h-132 q-90 0 -96 -200 z" fill="url(#cup)"/>
    <ellipse cx="390" cy="350" rx="162" ry="32" fill="#fffaf1"/><ellipse cx="390" cy="354" rx="142" ry="24" fill="#5b2c14"/>
    <path d="M390 340 q26 -14 38 4 q8 14 -38 28 q-46 -14 -38 -28 q12 -18 38 -4" fill="#e9c79a" opacity="0.9"/>
    ${[0, 1, 2].map((strand) => steam(time, strand)).join('')}
    <g font-family="DejaVu Serif" fill="#fff6e6">
      <text x="720" y="300" font-size="96" font-weight="bold">Good</text>
      <text x="720" y="404" font-size="96" font-weight="bold">morning</text>
      <text x="724" y="478" font-size="46" font-family="Noto Sans CJK SC">早安咖啡 · 第二杯半价</text>
      <text x="724" y="560" font-size="28" letter-spacing="7">MARQUEE COFFEE</text>
    </g>
    <rect x="724" y="508" width="${120 + 300 * Math.sin(Math.PI * time) ** 2}" height="4" fill="#fff6e6"/>
  </svg>`
}

/** One strand of steam: a wave that climbs a whole period in the length of the film. */
function steam(time, strand) {
  const points = Array.from({ length: 24 }, (_, step) => {
    const up = step / 23
    const sway = Math.sin(2 * Math.PI * (up * 1.4 - 2 * time + strand / 3)) * (10 + 34 * up)
    return `${330 + strand * 60 + sway},${320 - up * 250}`
  })
  const strength = 0.45 + 0.2 * Math.sin(2 * Math.PI * (time + strand / 3))
  return `<polyline points="${points.join(' ')}" fill="none" stroke="#fff" stroke-width="20" stroke-linecap="round" opacity="${strength}" filter="url(#soft)"/>`
}
