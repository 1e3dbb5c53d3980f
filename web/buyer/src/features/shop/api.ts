import { api, take, type Storefront } from '@liveshelf/api'
import { useQuery, type UseQueryReturnType } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

/** The shop's front: who is live, what is sold. Viewers and stock move, so it looks again now and then. */
export function useStorefront(shopId: MaybeRefOrGetter<number>): UseQueryReturnType<Storefront, Error> {
  return useQuery({
    queryKey: ['shop', shopId],
    refetchInterval: 30_000,
    queryFn: () => take(api.GET('/v1/storefront/{shop_id}', { params: { path: { shop_id: toValue(shopId) } } })),
  })
}
