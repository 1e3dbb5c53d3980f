import { api, take, type Workbench } from '@liveshelf/api'
import { useQuery, type UseQueryReturnType } from '@tanstack/vue-query'
import type { MaybeRefOrGetter } from 'vue'
import { toValue } from 'vue'

const FRESH_MS = 15_000

/** What needs somebody now, and today's figures; read again by itself while the page is looked at. */
export function useWorkbench(shopId: MaybeRefOrGetter<number>): UseQueryReturnType<Workbench, Error> {
  return useQuery({
    queryKey: ['workbench', shopId],
    refetchInterval: FRESH_MS,
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/workbench', { params: { path: { shop_id: toValue(shopId) } } })),
  })
}
