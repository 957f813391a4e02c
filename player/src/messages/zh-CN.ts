import type { Messages } from './en.ts'

export const zhCN: Messages = {
  pairTitle: '配对此屏幕',
  pairSteps: (address) => `用手机扫描二维码，或打开 ${address}，在“屏幕”页面输入配对码。`,
  codeLabel: '配对码',
  newCodeIn: (time) => `${time} 后更换配对码`,
  gettingCode: '正在获取配对码…',
  starting: '正在启动…',
  emptyTitle: '暂无播放内容',
  emptyText: '在 Marquee 上传广告后，会自动显示在这里。',
  failingTitle: '马上回来',
  failingText: '广告暂时无法播放，此屏幕会继续重试。',
  soundHint: '轻触屏幕或按任意键开启声音',
  problem: {
    'too-many-attempts': '请求配对码过于频繁，此屏幕将在几分钟后重试。',
    unavailable: '无法连接 Marquee，此屏幕会继续重试。',
    other: 'Marquee 出现问题，此屏幕会继续重试。',
  },
}
