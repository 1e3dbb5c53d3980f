import { api, take } from '@liveshelf/api'
import { useQuery } from '@tanstack/vue-query'
import type { MaybeRefOrGetter } from 'vue'
import { toValue } from 'vue'

/** What needs somebody now, and today's figures. */
export function useWorkbench(shopId: MaybeRefOrGetter<number>) {
  return useQuery({
    queryKey: ['workbench', shopId],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/workbench', { params: { path: { shop_id: toValue(shopId) } } })),
  })
}
