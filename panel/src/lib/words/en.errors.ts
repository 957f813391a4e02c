import type { ErrorCode, ErrorDetail } from '@marquee/shared/errors.ts'
import type { Refusal } from '@marquee/shared/media.ts'

type Sentence = string | ((detail: ErrorDetail) => string)
export type ErrorWords = {
  codes: Record<ErrorCode, Sentence>
  reasons: Record<string, Sentence>
  offline: string
  unknown: string
}
/** Why a file is refused, and what to do about it. */
export type RefusalWords = Record<Refusal, { why: Sentence; cure: string }>

const number = new Intl.NumberFormat('en')
const mb = (value: unknown) => `${number.format(Math.floor(Number(value) / 1024 / 1024))} MB`

export const errors: ErrorWords = {
  codes: {
    'bad-input': 'Something in the form does not fit. Check what you entered and try again.',
    'key-in-url': 'A key must not stand in an address. Send it in the Authorization header, and replace this key.',
    'not-signed-in': 'You are signed out. Sign in to go on.',
    'wrong-credentials': 'The email or the password is wrong.',
    'not-allowed': ({ role }) =>
      role
        ? `Your role does not allow this. It needs ${role === 'owner' ? 'an owner' : 'an editor'}.`
        : 'Your role does not allow this.',
    'wrong-origin': 'This page comes from another address than the server. Open the panel at its own address.',
    'bad-signature': 'The link to the server is no longer good. Reload the page.',
    'approval-needed': 'A manager has to approve this first, in the panel under Approvals.',
    'link-expired': 'This link has expired. Ask for a new one.',
    'not-found': 'It is not there any more. Someone may have deleted it.',
    conflict: 'This clashes with something that is there already.',
    busy: 'Something else is working on this. Try again in a moment.',
    gone: 'It has ended and can’t be used any more.',
    'too-large': ({ maxBytes }) =>
      maxBytes ? `That is too large. At most ${mb(maxBytes)} fit.` : 'That is too large.',
    'unsupported-media': 'Screens can’t play this file.',
    'range-not-satisfiable': 'The server has fewer bytes than were asked for. Reload the page.',
    checksum: 'The bytes arrived changed. Try again.',
    'parts-missing': 'Some parts have not arrived yet. Go on with the upload.',
    'too-many-attempts': ({ retryAfter }) => `Too many attempts. Wait ${waitWords(retryAfter)}, then try again.`,
    'rate-limited': ({ retryAfter }) => `That was too much at once. Wait ${waitWords(retryAfter)}, then try again.`,
    quota: 'The limit of this account is reached.',
    'client-gone': 'The connection broke off. Try again.',
    internal: 'Something went wrong on the server. Try again.',
    unavailable: 'The server can’t do this right now. Try again in a moment.',
    'storage-full': 'The server’s disk is full. Delete what is not needed, or ask whoever runs it for more space.',
  },
  reasons: {
    'approval-expired': 'This came too late: the request is over. The agent can ask again.',
    'approval-decided': 'Somebody else decided this already.',
    'account-exists': 'This email has an account already. Sign in with it instead.',
    'account-needed': 'Enter name, email and password, or sign in if you have an account.',
    'already-member': 'They are in this shop already.',
    'code-expired': 'This code has ended. The screen shows a new one.',
    'code-unknown': 'No screen shows this code. Compare it with the screen, letter by letter.',
    'code-used': 'This code was used already. The screen shows a new one if it still needs it.',
    invitation: 'This invitation has ended. Ask for a new one.',
    'invitation-used': 'This invitation was used already. Ask for a new one.',
    'last-owner': 'There must be one owner at least. Make someone else an owner first.',
    'other-email': 'This invitation is for another email address.',
    'other-tenant': 'You look at another shop now. Reload the page.',
    poster: 'The still of the film is no picture. Try the upload again.',
    'quota-ads': ({ limit }) =>
      `This shop can have ${number.format(Number(limit))} ads. Delete some first, or ask whoever runs the server for more.`,
    'quota-bytes':
      'The storage of this shop is full. Delete ads that are over, or ask whoever runs the server for more.',
    'quota-keys': ({ limit }) =>
      `This shop can have ${number.format(Number(limit))} keys. Revoke one that is not used, or ask whoever runs the server for more.`,
    'quota-screens': ({ limit }) =>
      `This shop can have ${number.format(Number(limit))} screens. Remove one that is not used, or ask whoever runs the server for more.`,
    'set-up': 'This link does not work any more. Start the server again for a new one.',
    tags: 'An ad can have 20 tags at most.',
    'tenant-exists': 'There is a shop with this id already.',
    validity: 'The end must be after the start.',
  },
  offline: 'The server can’t be reached. Check the network; your work is kept.',
  unknown: 'Something went wrong. Try again.',
}

function waitWords(seconds: unknown): string {
  const value = Number(seconds)
  if (!Number.isFinite(value) || value <= 0) return 'a little'
  return value < 90 ? `${Math.ceil(value)} seconds` : `${Math.ceil(value / 60)} minutes`
}

export const refusals: RefusalWords = {
  empty: { why: 'The file is empty.', cure: 'Copy or export it again.' },
  'cut-off': {
    why: 'The file stops in the middle.',
    cure: 'Copy it again from the camera or phone, then try once more.',
  },
  'unknown-type': {
    why: 'This is neither a film nor a picture that screens know.',
    cure: 'Use MP4, MOV or WebM, or JPEG, PNG, WebP, GIF or AVIF.',
  },
  container: {
    why: ({ found }) => `This film is in ${found ?? 'a format'}, which screens can’t play.`,
    cure: 'Export it as MP4 (H.264).',
  },
  'video-codec': {
    why: ({ found }) => `This film is ${codecName(found)}, which screens can’t play.`,
    cure: 'Export it as H.264. On an iPhone: Settings, Camera, Formats, Most Compatible.',
  },
  'audio-codec': {
    why: ({ found }) => `The sound of this film is ${codecName(found)}, which screens can’t play.`,
    cure: 'Export the film with AAC sound.',
  },
  encrypted: { why: 'This film is protected against copying.', cure: 'Use a copy without protection.' },
  'no-video-track': { why: 'There is only sound in this file.', cure: 'Choose a film that has a picture.' },
  heic: {
    why: 'This picture is HEIC, which screens can’t show.',
    cure: 'Save it as JPEG. On an iPhone: Settings, Camera, Formats, Most Compatible.',
  },
  markup: { why: 'This is a web page or drawing, not a photo.', cure: 'Export it as PNG or JPEG.' },
  'picture-damaged': { why: 'The picture is damaged.', cure: 'Open it on your device and save it again.' },
  'picture-too-big': {
    why: 'The picture has too many pixels for a screen.',
    cure: 'Make it 50 megapixels or fewer; 3840 × 2160 is plenty.',
  },
  'too-large': {
    why: ({ maxBytes }) => (maxBytes ? `The file is larger than ${mb(maxBytes)}.` : 'The file is too large.'),
    cure: 'Shorten the film or export it with a lower quality.',
  },
}

function codecName(codec: unknown): string {
  return typeof codec === 'string' && codec ? codec : 'of an unknown codec'
}
