/** Every word that a screen shows, and the shape that other languages fill. */
export const en = {
  pairTitle: 'Pair this screen',
  pairSteps: (address: string) =>
    `Scan the code with your phone, or open ${address} and enter this code under Screens.`,
  codeLabel: 'Pairing code',
  newCodeIn: (time: string) => `New code in ${time}`,
  gettingCode: 'Getting a code …',
  starting: 'Starting …',
  emptyTitle: 'Nothing to show right now',
  emptyText: 'Upload an ad in Marquee and it appears here by itself.',
  failingTitle: 'Back in a moment',
  failingText: 'The ads can’t be played right now. This screen keeps trying.',
  soundHint: 'Tap or press a key for sound',
  problem: {
    'too-many-attempts': 'Too many codes were asked for. This screen tries again in a few minutes.',
    unavailable: 'No connection to Marquee. This screen keeps trying.',
    other: 'Marquee has a problem. This screen keeps trying.',
  },
}
export type Messages = typeof en
