import { computed, type ComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

export function useShopId(): ComputedRef<number> {
  const route = useRoute()
  return computed(() => Number(route.params['shopId']))
}

/** The room this page is in, or null: what is bought here counts for it. */
export function useRoomId(): ComputedRef<number | null> {
  const route = useRoute()
  return computed(() => (route.params['roomId'] ? Number(route.params['roomId']) : null))
}

export interface SheetInUrl {
  value: ComputedRef<string | null>
  open: (value: string, without?: string) => void
  close: () => void
}

/**
 * A sheet that is open while the URL says so: the phone's Back closes it, and a link can open it.
 *
 * Closing goes back when we came here by opening, so that Back does not open it again; a page that was
 * entered with the sheet open has nothing to go back to, and only loses the parameter.
 */
export function useSheetInUrl(name: string): SheetInUrl {
  const route = useRoute()
  const router = useRouter()
  const value = computed(() => {
    const raw = route.query[name]
    return typeof raw === 'string' && raw !== '' ? raw : null
  })

  function open(to: string, without?: string): void {
    const { [without ?? '']: _closed, ...rest } = route.query
    void router.push({ query: { ...rest, [name]: to }, state: { sheet: name } })
  }

  function close(): void {
    if (value.value === null) return
    if (history.state?.sheet === name) return router.back()
    const { [name]: _gone, ...rest } = route.query
    void router.replace({ query: rest })
  }

  return { value, open, close }
}
