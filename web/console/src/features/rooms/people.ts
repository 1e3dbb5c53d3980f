import type { Colleague } from '@liveshelf/api'
import { onScopeDispose, ref, type Ref } from 'vue'
import { beAtDesk } from './api'

const BEAT_MS = 5_000

/** Says every few seconds that this desk is open, and who else is at it. For the legal role this is their watch. */
export function useColleagues(shopId: number, roomId: number): Ref<Colleague[]> {
  const others = ref<Colleague[]>([])
  const place = () => document.activeElement?.closest<HTMLElement>('[data-place]')?.dataset['place'] ?? ''
  let stopped = false

  async function beat(): Promise<void> {
    try {
      const found = await beAtDesk(shopId, roomId, place())
      if (!stopped) others.value = found.others
    } catch {
      // The desk itself tells of a line that is down; a beat that is lost is followed by the next one.
    }
  }

  void beat()
  const timer = setInterval(() => void beat(), BEAT_MS)
  onScopeDispose(() => {
    stopped = true
    clearInterval(timer)
  })
  return others
}
