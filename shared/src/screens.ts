import { z } from 'zod'
import { fit } from './ads.ts'
import { id, instant, line, pageInput, pageOf } from './wire.ts'

const maxInteger = 2_147_483_647

/** Letters of a pairing code: no 0, O, 1, I, which look alike on a screen. */
export const pairingAlphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
export const pairingCodeLength = 6
export { heartbeatMs, offlineAfterMs, pairingLifetimeMs } from './screen-times.ts'
/** One address may ask for this many codes in `pairingLifetimeMs`; a shop that opens has many screens behind one address. */
export const maxPairingsPerAddress = 100

export const orientation = z.literal([0, 90, 180, 270])
export type Orientation = z.infer<typeof orientation>
export const screenName = line(80).pipe(z.string().min(1))

/** As typed: lower case, spaces and hyphens are forgiven. */
export const pairingCode = z
  .string()
  .max(20)
  .transform((value) => value.toUpperCase().replace(/[\s-]/g, ''))
  .pipe(
    z
      .string()
      .regex(new RegExp(`^[${pairingAlphabet}]{${pairingCodeLength}}$`), 'A pairing code has 6 letters or digits'),
  )

export const screen = z.object({
  id,
  name: z.string(),
  orientation,
  muted: z.boolean(),
  shuffle: z.boolean(),
  online: z.boolean(),
  lastSeenAt: instant.nullable(),
  /** The ad on it now, if it said so. */
  playing: z.object({ adId: id, title: z.string(), fit, posterUrl: z.url().nullable() }).nullable(),
  /** The revision that it plays; compare with `revision` of the list. */
  revision: z.int(),
  /** The newest thing that went wrong on it, until it plays that item again. */
  problem: z.object({ adId: id.nullable(), title: z.string().nullable(), reason: z.string(), at: instant }).nullable(),
  /** Its size in pixels, as it said. */
  width: z.int().nullable(),
  height: z.int().nullable(),
  playerVersion: z.string().nullable(),
  createdAt: instant,
})
export type Screen = z.infer<typeof screen>
/** `revision` is the newest; `upToDate` of `items.length` screens play it ("on 3 of 3 screens"). */
export const screenList = z.object({ items: z.array(screen), revision: z.int(), upToDate: z.int() })

export const updateScreen = z.object({
  id,
  name: screenName.optional(),
  orientation: orientation.optional(),
  muted: z.boolean().optional(),
  shuffle: z.boolean().optional(),
})

/** A screen that did not begin within this time with what it was told to play at once (it was offline) leaves it out. */
export const playNowForMs = 60_000

/** Shows the ad once, at once, on the screen `id`; the loop goes on behind it. The ad need not be in the loop. */
export const playNow = z.object({ id, adId: id })
export const playingNow = z.object({
  screen,
  ad: z.object({ id, title: z.string() }),
  /** The screen begins by then or not at all. */
  until: instant,
  revision: z.int(),
})

/** `2026-11-24`, in the tenant's time zone. */
export const day = z.iso.date()
/** What ran where: one item per day, screen and ad, newest day first. Both ends of the days are included. */
export const listPlays = pageInput.extend({
  from: day.optional(),
  until: day.optional(),
  screenId: id.optional(),
  adId: id.optional(),
})
export const playPage = pageOf(
  z.object({
    day,
    /** Names as they were then; screen and ad may be gone. */
    screen: z.object({ id, name: z.string() }),
    ad: z.object({ id, title: z.string() }),
    /** How often the ad began there on that day. */
    plays: z.int(),
    lastAt: instant,
  }),
)

/**
 * Why a code was refused, as `reason` of `not-found`..
 */
export const pairingRefusals = ['code-unknown', 'code-expired', 'code-used'] as const
export type PairingRefusal = (typeof pairingRefusals)[number]

/** A new screen asks for a code. The answer also sets a cookie that proves later that it was this screen. */
export const startedPairing = z.object({ code: z.string(), confirmUrl: z.url(), expiresAt: instant })
/** `waiting`: nobody confirmed. `paired`: the device cookie is set. `expired`: ask for a new code. */
export const pairingState = z.object({ state: z.enum(['waiting', 'paired', 'expired']) })
export const confirmPairing = z.object({ code: pairingCode, name: screenName, orientation: orientation.default(0) })

/** What a screen says of itself: on start, when something changes, and every `heartbeatMs`. */
export const report = z.object({
  /** The revision that it plays; 0 while it has none. */
  revision: z.int().min(0).max(maxInteger),
  adId: id.nullable(),
  width: z.int().min(1).max(100_000).optional(),
  height: z.int().min(1).max(100_000).optional(),
  playerVersion: line(40).optional(),
  /** Ads that began since the last report that was heard, `at` by the server's clock. Older players leave it out. */
  began: z
    .array(z.object({ adId: id, at: z.int().min(0) }))
    .max(200)
    .optional(),
  /** Left out: nothing new. Null: what was wrong is right again. */
  problem: z.object({ adId: id.nullable(), reason: line(300) }).nullish(),
})
export type Report = z.infer<typeof report>
