import { ApiProblem, Wish } from '@liveshelf/api'
import { ref, shallowRef, type Ref } from 'vue'

export interface Action<A extends unknown[], T> {
  /** Runs the write once at a time. Resolves to undefined when it failed; `error` then says why. */
  run: (...args: A) => Promise<T | undefined>
  busy: Ref<boolean>
  error: Ref<unknown>
  reset: () => void
}

/**
 * A button that writes: busy while it runs, one request id per wish.
 *
 * The id is kept when the outcome is unknown (no answer, a 5xx), so that pressing again asks for the same
 * result instead of doing the thing twice; any known outcome ends the wish.
 */
export function useAction<A extends unknown[], T>(
  write: (requestId: string, ...args: A) => Promise<T>,
  onError?: (error: unknown) => void,
): Action<A, T> {
  const wish = new Wish()
  const busy = ref(false)
  const error = shallowRef<unknown>(null)
  let lastArgs = ''

  async function run(...args: A): Promise<T | undefined> {
    if (busy.value) return undefined
    // Other arguments are another wish, even after an unknown outcome.
    const said = JSON.stringify(args)
    if (said !== lastArgs) wish.settle()
    lastArgs = said
    busy.value = true
    error.value = null
    try {
      const result = await write(wish.id, ...args)
      wish.settle()
      return result
    } catch (problem) {
      if (!(problem instanceof ApiProblem) || !problem.outcomeUnknown) wish.settle()
      error.value = problem
      onError?.(problem)
      return undefined
    } finally {
      busy.value = false
    }
  }

  return { run, busy, error, reset: () => (error.value = null) }
}
