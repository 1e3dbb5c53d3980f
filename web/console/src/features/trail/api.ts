import { api, take } from '@liveshelf/api'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

export function useTrail(shopId: MaybeRefOrGetter<number>, cursor: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['trail', shopId, cursor],
    placeholderData: keepPreviousData,
    queryFn: () =>
      take(
        api.GET('/v1/shops/{shop_id}/trail', {
          params: { path: { shop_id: toValue(shopId) }, query: { cursor: toValue(cursor) || undefined } },
        }),
      ),
  })
}
