import { toast } from '@liveshelf/kit/console'
import { computed, ref, type ComputedRef } from 'vue'

export interface Serial {
  /** One after the other, in the order pressed: keys come faster than answers, and none of them may be lost. */
  run: <T>(work: () => Promise<T>, then?: (result: T) => void) => Promise<void>
  busy: ComputedRef<boolean>
}

export function useSerial(): Serial {
  const waiting = ref(0)
  let last: Promise<unknown> = Promise.resolve()

  function run<T>(work: () => Promise<T>, then?: (result: T) => void): Promise<void> {
    waiting.value += 1
    const mine = last
      .then(work)
      .then((result) => then?.(result))
      .catch((error: unknown) => toast.problem(error))
      .finally(() => {
        waiting.value -= 1
      })
    last = mine
    return mine
  }
  return { run, busy: computed(() => waiting.value > 0) }
}
