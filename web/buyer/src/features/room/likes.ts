import { onScopeDispose, ref, type Ref } from 'vue'
import { sendLikes, type RoomRef } from './api'

/** Taps are gathered: a happy thumb makes ten a second, and one call says it as well as ten. */
const GATHER_MS = 1_000
/** As many as one call may carry. */
const SEND_MAX = 50

export function useLikes(room: RoomRef): { like: () => void; mine: Ref<number> } {
  const mine = ref(0)
  let waiting = 0
  let timer: ReturnType<typeof setTimeout> | null = null

  function flush(): void {
    timer = null
    const count = Math.min(waiting, SEND_MAX)
    waiting = 0
    // A lost like is not worth a word to the person who gave it.
    if (count > 0) sendLikes(room, count).catch(() => undefined)
  }

  function like(): void {
    mine.value += 1
    waiting += 1
    timer ??= setTimeout(flush, GATHER_MS)
  }

  onScopeDispose(() => {
    if (timer !== null) clearTimeout(timer)
    flush()
  })
  return { like, mine }
}
