import { MessagePlugin } from 'tdesign-vue-next/es/message'
import { announce } from '../base/announce'
import { problemCode, problemText } from '../base/problem'

const SHOWN_MS = 4_000
const SHOWN_ERROR_MS = 8_000

/** A passing word in a corner, also said aloud. Errors stay longer and carry the code to quote. */
export const toast = {
  done(text: string): void {
    void MessagePlugin.success({ content: text, duration: SHOWN_MS })
    announce(text)
  },
  problem(error: unknown): void {
    const text = problemText(error)
    void MessagePlugin.error({ content: `${text} (${problemCode(error)})`, duration: SHOWN_ERROR_MS, closeBtn: true })
    announce(text)
  },
}
