import { api, take } from '@liveshelf/api'
import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type ComputedRef, type MaybeRefOrGetter } from 'vue'

const LOOK_MS = 30_000

/** How many notices are unread; none for somebody whom the shop does not know yet. */
export function useUnread(shopId: MaybeRefOrGetter<number>): ComputedRef<number> {
  const query = useQuery({
    queryKey: ['notices', shopId, 'unread'],
    refetchInterval: LOOK_MS,
    queryFn: () => {
      const path = { shop_id: toValue(shopId) }
      return take(api.GET('/v1/storefront/{shop_id}/notices/unread', { params: { path } }))
    },
  })
  return computed(() => query.data.value?.unread ?? 0)
}
