/** What each call does, in a sentence for its reader. A procedure that agents have as a tool says it there. */
export const words: Readonly<Record<string, string>> = {
  'accounts.serverState': 'Whether somebody has an account yet, and which version runs',
  'accounts.invitation': 'What an invitation offers, by its token',
  'accounts.me': 'The signed-in person, and the tenants that they can look at',
  'accounts.updateMe': 'Changes the own name',
  'accounts.switchTenant': 'Looks at another tenant of the person',
  'accounts.changePassword': 'Changes the own password',
  'accounts.sessions': 'Where the person is signed in',
  'accounts.endSession': 'Signs one of the own sessions out',
  'accounts.signOutEverywhere': 'Signs all other sessions out',
  'activity.list': 'Who changed what, newest first',
  'ads.list': 'The ads in the order in which they play, page by page; filtered and searched',
  'ads.get': 'One ad',
  'ads.tags': 'The tags in use, each with the number of its ads',
  'ads.create': 'Makes an ad of a file that was uploaded before',
  'ads.update': 'Changes an ad; what is left out stays',
  'ads.move': 'Puts an ad behind another one, or first',
  'ads.setEnabled': 'Turns ads on or off',
  'ads.tagMany': 'Adds and removes tags of ads',
  'ads.remove': 'Deletes ads; they can be restored for a moment',
  'ads.restore': 'Brings ads back that were deleted a moment ago',
  'approvals.list': 'Calls of agents that wait for a manager, and those of the last day',
  'approvals.decide': 'Grants or denies a call of an agent',
  'keys.list': 'The API keys, without their secrets',
  'keys.create': 'Makes an API key. Its secret is in this answer only',
  'keys.revoke': 'Makes a key worthless at once',
  'media.list': 'The files of a category, newest first',
  'media.delete': 'Deletes a file by its stored name, and the ads that show it',
  'members.list': 'The people of the tenant and their roles',
  'members.setRole': 'Changes the role of a member',
  'members.remove': 'Takes a member out of the tenant',
  'members.invitations': 'Invitations that nobody has accepted yet',
  'members.invite': 'Makes an invitation link',
  'members.revokeInvitation': 'Makes an invitation worthless',
  'player.manifest': 'What a screen has to have and to play. For the screen itself',
  'player.report': 'What a screen plays now. For the screen itself',
  'screens.list': 'The screens, what each plays, and whether it is online',
  'screens.update': 'Changes the name and the settings of a screen',
  'screens.revoke': 'Takes a screen out of the tenant; it forgets everything',
  'screens.playNow': 'Shows an ad on a screen at once; the loop goes on after it',
  'screens.plays': 'What ran where and how often, by screen, ad and day',
  'screens.confirmPairing': 'Takes a screen into the tenant, by the code that it shows',
  'tenants.current': 'The tenant of the caller',
  'tenants.update': 'Changes the name and the settings of the tenant',
  'tenants.listAll': 'All tenants of the installation. For operators',
  'tenants.usage': 'What the tenant uses of its quotas: bytes, ads, screens and keys',
  'tenants.setQuota': 'Sets the quotas of a tenant. For operators',
  'tenants.create': 'Makes a tenant. For operators',
  'uploads.create': 'Begins an upload in parts',
  'uploads.list': 'Uploads that are not complete',
  'uploads.get': 'One upload, and which of its parts have arrived',
  'uploads.sign': 'Signs addresses to which parts are sent with PUT',
  'uploads.complete': 'Puts the parts together, judges the content, and makes a file and an ad of it',
  'uploads.cancel': 'Forgets an upload and its parts',
}

/** What the document says of each group. */
export const tags: Readonly<Record<string, string>> = {
  files: 'Upload, list and delete files by name: the three calls that most scripts need',
  ads: 'What is shown: a file with a title, tags and a time',
  uploads: 'Uploads in parts, which can go on after a broken connection',
  screens: 'Screens and what they show',
  activity: 'Who changed what',
  approvals: 'Calls of agents that wait for a manager',
  agents: 'The tools of agents; also at /mcp',
  tenants: 'The tenant and, for operators, all of them',
  members: 'People of the tenant',
  keys: 'API keys',
  accounts: 'The signed-in person. Needs a session of the panel',
  player: 'For screens',
}

export const about = `Everything that Marquee does, over plain HTTP. The same rules hold here as in the panel.

- **Key.** Send an API key as \`Authorization: Bearer mq_…\`. It names the tenant, so no call takes one. Make keys in the panel under People and keys.
- **Queries** are \`GET\` with their arguments in the address; a list repeats its name (\`ids=1&ids=2\`). **Changes** are \`POST\` with a JSON body.
- **Errors** are problem details (RFC 9457). \`code\` is one of a closed list, \`reason\` the exact rule, \`title\` says what to do.
- **Pages.** Give \`nextCursor\` back as \`cursor\` until it is null.
- **Repeating.** A \`POST\` with an \`Idempotency-Key\` can be sent again for a day: it is done once and answered the same.
- **Approvals.** What a key for agents would delete is answered with \`approval-needed\`. When a manager granted it, make the same call again with the header \`x-marquee-approval\`.

Not offered here: subscriptions, and signing in, which is for browsers.`
