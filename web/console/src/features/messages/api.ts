import { api, take } from '@liveshelf/api'
import { useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'

const LOOK_MS = 30_000

/** How many are unread: asked for again by itself, also on pages that show nothing else of it. */
export function useUnread(shopId: MaybeRefOrGetter<number>) {
  return useQuery({
    queryKey: ['notices', shopId, 'unread'],
    enabled: computed(() => toValue(shopId) > 0),
    refetchInterval: LOOK_MS,
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/notices/unread', { params: { path: { shop_id: toValue(shopId) } } })),
  })
}

export function useNotices(shopId: MaybeRefOrGetter<number>, unreadOnly: MaybeRefOrGetter<boolean>) {
  return useInfiniteQuery({
    queryKey: ['notices', shopId, 'list', unreadOnly],
    initialPageParam: '',
    queryFn: ({ pageParam }) => {
      const query = { unread: toValue(unreadOnly), ...(pageParam === '' ? {} : { cursor: pageParam }) }
      return take(api.GET('/v1/shops/{shop_id}/notices', { params: { path: { shop_id: toValue(shopId) }, query } }))
    },
    getNextPageParam: (page) => page.next,
  })
}

export const markRead = (shopId: number, body: { notice_ids?: string[]; up_to?: string }) =>
  take(api.POST('/v1/shops/{shop_id}/notices/read', { params: { path: { shop_id: shopId } }, body }))
