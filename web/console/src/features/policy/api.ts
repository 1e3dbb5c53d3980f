import { api, take, type PolicyProfile } from '@liveshelf/api'
import { useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

export function usePolicy() {
  return useQuery({ queryKey: ['policy'], queryFn: () => take(api.GET('/v1/policy')) })
}

export function useWaivers(shopId: MaybeRefOrGetter<number>) {
  return useQuery({
    queryKey: ['waivers', shopId],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/waivers', { params: { path: { shop_id: toValue(shopId) } } })),
  })
}

export const setPolicy = (request_id: string, profile: PolicyProfile) => take(api.PUT('/v1/policy', { body: { request_id, profile } }))
