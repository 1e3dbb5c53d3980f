import { announce } from '../base/announce'
import { problemCode, problemText } from '../base/problem'

const SHOWN_MS = 2_500
const SHOWN_ERROR_MS = 5_000

async function show(message: string, duration: number): Promise<void> {
  announce(message)
  const { ToastPlugin } = await import('tdesign-mobile-vue/es/toast')
  ToastPlugin({ message, duration })
}

/** A passing word over the page, also said aloud. */
export const toast = {
  done: (text: string) => void show(text, SHOWN_MS),
  problem: (error: unknown) => void show(`${problemText(error)}\n${problemCode(error)}`, SHOWN_ERROR_MS),
}
