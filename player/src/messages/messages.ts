import { en, type Messages } from './en.ts'
import { zhCN } from './zh-CN.ts'

const isChinese = navigator.language.toLowerCase().startsWith('zh')

export const language = isChinese ? 'zh-CN' : 'en'
export const messages: Messages = isChinese ? zhCN : en
