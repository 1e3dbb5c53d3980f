import { ref, shallowRef } from 'vue'

export interface Question {
  title: string
  body: string
  /** The verb of what will be done, on the button that does it. */
  yes?: string
  danger?: boolean
}

export const question = shallowRef<Question | null>(null)
const answerer = ref<((yes: boolean) => void) | null>(null)

/** Asks before something that can't be undone. Resolves to the answer; Esc and the veil are a no. */
export function confirm(asked: Question): Promise<boolean> {
  answer(false)
  question.value = asked
  return new Promise((resolve) => {
    answerer.value = resolve
  })
}

export function answer(yes: boolean): void {
  answerer.value?.(yes)
  answerer.value = null
  question.value = null
}
