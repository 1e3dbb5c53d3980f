import { api, take } from '@liveshelf/api'
import { useInfiniteQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { ensureMe } from '../../app/me'

export function useNotices(shopId: MaybeRefOrGetter<number>) {
  return useInfiniteQuery({
    queryKey: ['notices', shopId, 'list'],
    initialPageParam: '',
    queryFn: async ({ pageParam }) => {
      const shop_id = toValue(shopId)
      await ensureMe(shop_id)
      const query = pageParam === '' ? {} : { cursor: pageParam }
      return take(api.GET('/v1/storefront/{shop_id}/notices', { params: { path: { shop_id }, query } }))
    },
    getNextPageParam: (page) => page.next,
  })
}

export const markRead = (shopId: number, body: { notice_ids?: string[]; up_to?: string }) =>
  take(api.POST('/v1/storefront/{shop_id}/notices/read', { params: { path: { shop_id: shopId } }, body }))
