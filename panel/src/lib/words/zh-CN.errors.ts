import type { ErrorWords, RefusalWords } from './en.errors.ts'

const number = new Intl.NumberFormat('zh-CN')
const mb = (value: unknown) => `${number.format(Math.floor(Number(value) / 1024 / 1024))} MB`

export const errors: ErrorWords = {
  codes: {
    'bad-input': '填写的内容有误，请检查后重试。',
    'key-in-url': '密钥不能放在网址里。请用 Authorization 请求头发送，并更换这个密钥。',
    'not-signed-in': '你已退出登录，请重新登录。',
    'wrong-credentials': '邮箱或密码不正确。',
    'not-allowed': ({ role }) =>
      role ? `你的角色不能这样做，需要${role === 'owner' ? '所有者' : '编辑者'}权限。` : '你的角色不能这样做。',
    'wrong-origin': '本页面与服务器地址不一致，请从面板自己的地址打开。',
    'bad-signature': '连接已失效，请刷新页面。',
    'approval-needed': '此操作需要管理员先在面板的“审批”页中批准。',
    'link-expired': '链接已过期，请重新索取。',
    'not-found': '内容已不存在，可能已被他人删除。',
    conflict: '与已有内容冲突。',
    busy: '正在处理中，请稍后再试。',
    gone: '已经结束，不能再使用。',
    'too-large': ({ maxBytes }) => (maxBytes ? `太大了，最多 ${mb(maxBytes)}。` : '太大了。'),
    'unsupported-media': '屏幕无法播放此文件。',
    'range-not-satisfiable': '服务器上的数据比请求的少，请刷新页面。',
    checksum: '传输中数据出错，请重试。',
    'parts-missing': '还有部分内容没有传完，请继续上传。',
    'too-many-attempts': ({ retryAfter }) => `尝试次数过多，请等待${waitWords(retryAfter)}再试。`,
    'rate-limited': ({ retryAfter }) => `操作过于频繁，请等待${waitWords(retryAfter)}再试。`,
    quota: '已达到此账户的上限。',
    'client-gone': '连接中断，请重试。',
    internal: '服务器出错了，请重试。',
    unavailable: '服务器暂时无法处理，请稍后再试。',
    'storage-full': '服务器磁盘已满。请删除不需要的内容，或联系管理员扩容。',
  },
  reasons: {
    'approval-expired': '已超时，请求已失效。智能体可以重新申请。',
    'approval-decided': '其他人已经处理了此请求。',
    'account-exists': '此邮箱已有账户，请直接登录。',
    'account-needed': '请填写名字、邮箱和密码；已有账户请先登录。',
    'already-member': '对方已在本门店中。',
    'code-expired': '配对码已过期，屏幕上会显示新的。',
    'code-unknown': '没有屏幕显示此配对码，请逐位核对。',
    'code-used': '配对码已被使用。如仍需配对，屏幕会显示新的。',
    invitation: '邀请已过期，请索取新的邀请。',
    'invitation-used': '邀请已被使用，请索取新的邀请。',
    'last-owner': '至少要有一位所有者，请先将其他人设为所有者。',
    'other-email': '此邀请属于另一个邮箱。',
    'other-tenant': '你已切换到其他门店，请刷新页面。',
    poster: '视频封面不是有效图片，请重新上传。',
    'quota-ads': ({ limit }) => `本门店最多可有 ${limit} 个广告。请先删除一些，或联系服务器管理员提高上限。`,
    'quota-bytes': '本门店的存储空间已满。请删除已结束的广告，或联系服务器管理员扩容。',
    'quota-keys': ({ limit }) => `本门店最多可有 ${limit} 个密钥。请撤销不用的密钥，或联系服务器管理员提高上限。`,
    'quota-screens': ({ limit }) => `本门店最多可有 ${limit} 块屏幕。请移除不用的屏幕，或联系服务器管理员提高上限。`,
    'set-up': '此链接已失效，请重启服务器获取新链接。',
    tags: '每条广告最多 20 个标签。',
    'tenant-exists': '此门店编号已存在。',
    validity: '结束时间必须晚于开始时间。',
  },
  offline: '无法连接服务器。请检查网络，你的操作不会丢失。',
  unknown: '出错了，请重试。',
}

function waitWords(seconds: unknown): string {
  const value = Number(seconds)
  if (!Number.isFinite(value) || value <= 0) return '片刻'
  return value < 90 ? ` ${Math.ceil(value)} 秒` : ` ${Math.ceil(value / 60)} 分钟`
}

export const refusals: RefusalWords = {
  empty: { why: '文件是空的。', cure: '请重新复制或导出。' },
  'cut-off': { why: '文件不完整，中途截断了。', cure: '请从相机或手机重新复制一份再试。' },
  'unknown-type': {
    why: '这不是屏幕支持的视频或图片。',
    cure: '请使用 MP4、MOV、WebM，或 JPEG、PNG、WebP、GIF、AVIF。',
  },
  container: {
    why: ({ found }) => `此视频是${found ? ` ${found} ` : '屏幕不支持的'}格式，屏幕无法播放。`,
    cure: '请导出为 MP4（H.264）。',
  },
  'video-codec': {
    why: ({ found }) => `此视频使用${codecName(found)}编码，屏幕无法播放。`,
    cure: '请导出为 H.264。iPhone：设置 → 相机 → 格式 → 兼容性最佳。',
  },
  'audio-codec': {
    why: ({ found }) => `此视频的声音使用${codecName(found)}编码，屏幕无法播放。`,
    cure: '请以 AAC 音频导出视频。',
  },
  encrypted: { why: '此视频有版权保护。', cure: '请使用没有加密的副本。' },
  'no-video-track': { why: '此文件只有声音。', cure: '请选择有画面的视频。' },
  heic: { why: '此图片是 HEIC 格式，屏幕无法显示。', cure: '请保存为 JPEG。iPhone：设置 → 相机 → 格式 → 兼容性最佳。' },
  markup: { why: '这是网页或矢量图，不是照片。', cure: '请导出为 PNG 或 JPEG。' },
  'picture-damaged': { why: '图片已损坏。', cure: '请在设备上打开并重新保存。' },
  'picture-too-big': { why: '图片像素过大，屏幕无法显示。', cure: '请缩小到 5000 万像素以内，3840 × 2160 已足够。' },
  'too-large': {
    why: ({ maxBytes }) => (maxBytes ? `文件超过 ${mb(maxBytes)}。` : '文件太大。'),
    cure: '请缩短视频或降低画质后导出。',
  },
}

function codecName(codec: unknown): string {
  return typeof codec === 'string' && codec ? ` ${codec} ` : '不支持的'
}
