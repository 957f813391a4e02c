// Apart from the schemas, so that the player can have them without a validator in its bundle.

/** How long a pairing code can be confirmed. */
export const pairingLifetimeMs = 10 * 60 * 1000
/** A screen says that it is alive at least this often while it plays. */
export const heartbeatMs = 15_000
/** A screen that was silent for this long counts as offline. */
export const offlineAfterMs = 45_000
