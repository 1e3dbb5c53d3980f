import type { Claim } from '@liveshelf/api'
import { announce } from '@liveshelf/kit/buyer'
import { computed, onScopeDispose, shallowRef, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { ensureMe } from '../../app/me'
import { fetchClaims, type RoomRef } from './api'

/** Who waits or has something held looks again this often. */
const LOOK_MS = 5_000
const isOpen = (claim: Claim): boolean => claim.state === 'held' || claim.state === 'waiting'

export interface Claims {
  /** What is held or waited for, the latest first. */
  open: ComputedRef<Claim[]>
  /** The last answer that is neither: a question, or why not. */
  told: ComputedRef<Claim | null>
  /** The answer to what was just said. */
  hear: (claim: Claim | null) => void
  dismiss: () => void
}

/** What the buyer claimed here by saying a word: kept true while something of it is open. */
export function useClaims(room: RoomRef): Claims {
  const { t } = useI18n()
  const items = shallowRef<Claim[]>([])
  const last = shallowRef<Claim | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined
  let gone = false

  function adopt(found: Claim[]): void {
    const known = new Set(items.value.map((one) => one.order_id))
    const waited = new Set(items.value.filter((one) => one.state === 'waiting').map((one) => one.goods_id))
    if (found.some((one) => one.state === 'held' && !known.has(one.order_id) && waited.has(one.goods_id))) announce(t('room.claim.your_turn'))
    items.value = found
  }

  async function look(): Promise<void> {
    clearTimeout(timer)
    // What fails is looked at again; the answer to the comment stands meanwhile.
    const found = await fetchClaims(room).catch(() => null)
    if (gone) return
    if (found) adopt(found.items)
    if (items.value.some(isOpen)) timer = setTimeout(() => void look(), LOOK_MS)
  }

  void ensureMe(room.shop_id).then(look, () => undefined)
  onScopeDispose(() => {
    gone = true
    clearTimeout(timer)
  })

  function hear(claim: Claim | null): void {
    if (!claim) return
    last.value = isOpen(claim) ? null : claim
    if (!isOpen(claim)) return
    items.value = [claim, ...items.value]
    void look()
  }

  const dismiss = (): void => {
    last.value = null
  }
  return { open: computed(() => items.value.filter(isOpen)), told: computed(() => last.value), hear, dismiss }
}
