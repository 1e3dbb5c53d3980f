import { ApiProblem } from '@liveshelf/api'
import { problemCode, toast, useAction, type Action } from '@liveshelf/kit/console'
import { useRouter } from 'vue-router'
import { queryClient } from './queries'

interface Aftermath<A extends unknown[], T> {
  /** What it did, in words, or nothing where the page itself shows it. */
  said?: (result: T, ...args: A) => string
  /** The first parts of the keys of what is no longer true. */
  stale?: readonly (readonly unknown[])[]
  then?: (result: T, ...args: A) => unknown
  /** The form shows the problem beside its fields. */
  quiet?: boolean
}

/** A write of the console: busy, one request id per wish, and afterwards said aloud and read again. */
export function useWrite<A extends unknown[], T>(
  write: (requestId: string, ...args: A) => Promise<T>,
  after: Aftermath<A, T> = {},
): Action<A, T> {
  const router = useRouter()

  async function all(requestId: string, ...args: A): Promise<T> {
    const result = await write(requestId, ...args)
    for (const key of after.stale ?? []) void queryClient.invalidateQueries({ queryKey: [...key] })
    const text = after.said?.(result, ...args)
    if (text) toast.done(text)
    await after.then?.(result, ...args)
    return result
  }

  return useAction(all, (error) => {
    const here = router.currentRoute.value
    // On a public page, such as the sign-in itself, a 401 is that form's own answer.
    if (error instanceof ApiProblem && error.status === 401 && !here.meta.public) {
      void router.push({ name: 'sign-in', query: { next: here.fullPath } })
    }
    // Asked for in the page's place at once, not at its next visit.
    if (problemCode(error) === 'announcements.unread') void queryClient.invalidateQueries({ queryKey: ['announcements'] })
    if (!after.quiet) toast.problem(error)
  })
}
