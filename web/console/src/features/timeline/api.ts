import { api, take, type TimelineGroup } from '@liveshelf/api'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

type Id = MaybeRefOrGetter<number>

export interface Filter {
  group?: TimelineGroup | undefined
  cursor?: string | undefined
}

export function useTimeline(shopId: Id, roomId: Id, filter: MaybeRefOrGetter<Filter>) {
  return useQuery({
    queryKey: ['timeline', shopId, roomId, filter],
    placeholderData: keepPreviousData,
    queryFn: () =>
      take(
        api.GET('/v1/shops/{shop_id}/rooms/{room_id}/timeline', {
          params: { path: { shop_id: toValue(shopId), room_id: toValue(roomId) }, query: toValue(filter) },
        }),
      ),
  })
}

/** What was shown at a second; at the end of the broadcast without one. */
export function useMoment(shopId: Id, roomId: Id, second: MaybeRefOrGetter<number | undefined>) {
  return useQuery({
    queryKey: ['timeline-at', shopId, roomId, second],
    placeholderData: keepPreviousData,
    queryFn: () =>
      take(
        api.GET('/v1/shops/{shop_id}/rooms/{room_id}/timeline/at', {
          params: { path: { shop_id: toValue(shopId), room_id: toValue(roomId) }, query: { second: toValue(second) } },
        }),
      ),
  })
}

export function useVerdict(shopId: Id, roomId: Id) {
  return useQuery({
    queryKey: ['timeline-check', shopId, roomId],
    queryFn: () =>
      take(
        api.GET('/v1/shops/{shop_id}/rooms/{room_id}/timeline/check', {
          params: { path: { shop_id: toValue(shopId), room_id: toValue(roomId) } },
        }),
      ),
  })
}

export const fileOf = (shopId: number, roomId: number): string => `/v1/shops/${shopId}/rooms/${roomId}/timeline/export`
