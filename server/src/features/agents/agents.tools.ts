import type { Meta } from '../../trpc.ts'

/** What agents read of each tool. Written for a reader that knows nothing else of Marquee, and must choose by this alone. */
export const tools = {
  playlist: {
    name: 'get_advertisement_playlist',
    title: 'Playlist',
    description:
      'The advertisements that are in the loop now (enabled and valid), in the order in which screens play them, each with a url that can be played. Comes in pages. For those that are off, waiting or over use search_advertisements.',
  },
  next: {
    name: 'get_next_advertisement',
    title: 'Next advertisement',
    description:
      'The advertisement that comes next: on a screen if screen_id is given (looking does not change what it plays), else at your own place in the loop, which moves on to it unless advance is false. After the last one comes the first.',
  },
  current: {
    name: 'get_current_advertisement',
    title: 'Current advertisement',
    description:
      'The advertisement that a screen plays now, if screen_id is given; else the one at your own place in the loop (what get_next_advertisement gave you last, or the first one).',
  },
  refresh: {
    name: 'refresh_advertisements',
    title: 'Refresh advertisements',
    description:
      'Reads the loop anew and tells how many advertisements there are and how many there were when you asked before. Other tools always answer with the newest too, so this is only needed to notice changes.',
    idempotent: true,
  },
  stats: {
    name: 'get_advertisement_stats',
    title: 'Statistics',
    description:
      'How many advertisements are in the loop, how many you were given, how often they began on screens in the last 30 days, and which formats can be uploaded.',
  },
  managementInfo: {
    name: 'get_advertisement_management_info',
    title: 'Management info',
    description:
      'An overview for managing: advertisements by state and format, size of all files, how many screens are online and up to date, and (with include_file_details) every advertisement in pages, those that are off, waiting or over among them.',
  },
  search: {
    name: 'search_advertisements',
    title: 'Search advertisements',
    description:
      'Finds advertisements by words in title, description, tags or file name, by tag, by state or by kind; all of them if nothing is given. Comes in pages, in the order of the loop.',
  },
  remove: {
    name: 'delete_advertisement',
    title: 'Delete advertisement',
    description:
      'Deletes one advertisement and takes it off all screens. Name it by id, or by filename if only one has it. To take it off without deleting it, use update_advertisement with enabled false. May need the approval of a manager: the error "approval-needed" then names it; wait with get_approval and make exactly this call again with it.',
  },
  update: {
    name: 'update_advertisement',
    title: 'Update advertisement',
    description:
      'Changes fields of one advertisement: title, description, tags, enabled, from when until when it is shown, how long a picture stays, fit, volume. What is left out stays as it is. Screens show the change within seconds.',
    idempotent: true,
  },
  createUpload: {
    name: 'create_upload',
    title: 'Begin an upload',
    description:
      'Begins the upload of a film or picture. Answers with the addresses to PUT the parts of the file to (they need no credential). When all parts have arrived, call complete_upload.',
  },
  continueUpload: {
    name: 'continue_upload',
    title: 'Go on with an upload',
    description:
      'Tells which parts of an upload have arrived, and gives addresses for parts that are missing: for more parts than one answer has addresses, after an interruption, or when an address is over.',
    idempotent: true,
  },
  completeUpload: {
    name: 'complete_upload',
    title: 'Complete an upload',
    description:
      'Puts the parts of an upload together, checks that the content can be played on screens, and makes an advertisement of it at the end of the loop, with the title and other fields given here. Called again, it answers the same.',
    idempotent: true,
  },
  cancelUpload: {
    name: 'cancel_upload',
    title: 'Cancel an upload',
    description: 'Forgets an upload that is not complete, with the parts that have arrived.',
  },
  screens: {
    name: 'list_screens',
    title: 'Screens',
    description:
      'The screens with their ids and names, whether each is online, what it plays now, and whether it has the newest loop. Comes in pages.',
  },
  play: {
    name: 'play_advertisement',
    title: 'Play on a screen now',
    description:
      'Has a screen play one advertisement at once, one time; its loop goes on afterwards. The advertisement need not be in the loop. A screen that is offline for more than a minute leaves it out.',
  },
  approval: {
    name: 'get_approval',
    title: 'Approval',
    description:
      'How your request for the approval of a manager stands: waiting, granted, denied, used or expired. With wait_seconds it waits for the decision. An approval is over ten minutes after it was asked for.',
  },
} as const satisfies Record<string, Meta['tool']>
