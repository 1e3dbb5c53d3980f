import { api, take, type Me } from '@liveshelf/api'
import { useQuery, type UseQueryReturnType } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { queryClient } from './query'

const ME_STALE_MS = 5 * 60_000

const fetchMe = (shopId: number) => take(api.GET('/v1/storefront/{shop_id}/me', { params: { path: { shop_id: shopId } } }))

export const meKey = (shopId: number) => ['me', shopId] as const

export function useMe(shopId: MaybeRefOrGetter<number>): UseQueryReturnType<Me, Error> {
  return useQuery({
    queryKey: ['me', shopId],
    queryFn: () => fetchMe(toValue(shopId)),
    staleTime: ME_STALE_MS,
  })
}

/** Whoever has never been here becomes a guest by this call; what a guest owns needs it first. */
export function ensureMe(shopId: number): Promise<Me> {
  return queryClient.ensureQueryData({ queryKey: meKey(shopId), queryFn: () => fetchMe(shopId), staleTime: ME_STALE_MS })
}

/** Another person now: nothing of the one before may stay in sight. */
export async function becomeMe(shopId: number, me: Me): Promise<void> {
  queryClient.setQueryData(meKey(shopId), me)
  for (const what of ['orders', 'addresses', 'cart']) queryClient.removeQueries({ queryKey: [what, shopId] })
  await queryClient.invalidateQueries()
}
