import './player.css'
import './pages.css'
import { connectApi } from './api.ts'
import { Clock } from './clock.ts'
import { Connection } from './connection.ts'
import { showDebug } from './debug.ts'
import { Kiosk } from './kiosk.ts'
import { language } from './messages/messages.ts'
import { Pages } from './pages.ts'
import { pair } from './pairing.ts'
import { type Began, type Problem, Screen } from './screen.ts'
import { forgetKept, keep, keepDone, readDone, readKept } from './store.ts'

document.documentElement.lang = language
const kept = readKept()
const clock = new Clock(kept?.clockAhead)
const api = connectApi()
const pages = new Pages()
let connection: Connection | null = null
const kiosk = new Kiosk(() => screen.stage.unblock())
const screen = new Screen({
  clock,
  pages,
  onBlocked: () => kiosk.showHint(),
  report,
  done: readDone(),
  onDone: keepDone,
})

function report({ problem, began }: { readonly problem?: Problem; readonly began?: Began }): void {
  connection?.report({ ...(problem && { problem }), ...(began && { began }) })
  if (problem?.reason === 'unreachable') connection?.refresh()
}

document.body.append(screen.stage.element, kiosk.hint)
if (new URLSearchParams(location.search).has('debug')) showDebug(screen, () => connection?.online ?? false)
if (kept) screen.send({ kind: 'manifest', manifest: kept.manifest })

for (;;) {
  connection = new Connection(api, {
    onManifest: (manifest) => {
      clock.set(manifest.serverTime)
      keep({ manifest, clockAhead: clock.ahead })
      screen.send({ kind: 'manifest', manifest })
    },
    onTrouble: (code) => pages.showProblem(code),
    onOnline: () => screen.send({ kind: 'online' }),
    describe: () => ({
      revision: screen.state.manifest?.revision ?? 0,
      adId: screen.state.current?.item.adId ?? null,
      width: Math.max(1, window.innerWidth),
      height: Math.max(1, window.innerHeight),
      playerVersion: __PLAYER_VERSION__,
    }),
  })
  await connection.run()
  connection = null
  forgetKept()
  screen.send({ kind: 'unpaired' })
  await pair(api, pages)
}
