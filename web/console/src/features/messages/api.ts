import { api, take } from '@liveshelf/api'
import { useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

const LOOK_MS = 30_000
/** Not a shop's: what the platform's own people are told. */
export const PLATFORM = 0

/** How many are unread: asked for again by itself, also on pages that show nothing else of it. */
export function useUnread(shopId: MaybeRefOrGetter<number>) {
  return useQuery({
    queryKey: ['notices', shopId, 'unread'],
    refetchInterval: LOOK_MS,
    queryFn: () => {
      const shop_id = toValue(shopId)
      if (shop_id === PLATFORM) return take(api.GET('/v1/platform/notices/unread'))
      return take(api.GET('/v1/shops/{shop_id}/notices/unread', { params: { path: { shop_id } } }))
    },
  })
}

export function useNotices(shopId: MaybeRefOrGetter<number>, unreadOnly: MaybeRefOrGetter<boolean>) {
  return useInfiniteQuery({
    queryKey: ['notices', shopId, 'list', unreadOnly],
    initialPageParam: '',
    queryFn: ({ pageParam }) => {
      const shop_id = toValue(shopId)
      const query = { unread: toValue(unreadOnly), ...(pageParam === '' ? {} : { cursor: pageParam }) }
      if (shop_id === PLATFORM) return take(api.GET('/v1/platform/notices', { params: { query } }))
      return take(api.GET('/v1/shops/{shop_id}/notices', { params: { path: { shop_id }, query } }))
    },
    getNextPageParam: (page) => page.next,
  })
}

export const markRead = (shop_id: number, body: { notice_ids?: string[]; up_to?: string }) =>
  shop_id === PLATFORM
    ? take(api.POST('/v1/platform/notices/read', { body }))
    : take(api.POST('/v1/shops/{shop_id}/notices/read', { params: { path: { shop_id } }, body }))
