import { api, take, type ClockBoard } from '@liveshelf/api'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

export type Actor = ClockBoard['kinds'][number]['actor']

export interface ClockFilter {
  clock?: string
  actor?: Actor
  paused?: boolean
  cursor?: string
}

const FRESH_MS = 15_000

export function useBoard(shopId: MaybeRefOrGetter<number>, filter: MaybeRefOrGetter<ClockFilter>) {
  return useQuery({
    queryKey: ['clocks', shopId, filter],
    placeholderData: keepPreviousData,
    refetchInterval: FRESH_MS,
    queryFn: () =>
      take(api.GET('/v1/shops/{shop_id}/clocks', { params: { path: { shop_id: toValue(shopId) }, query: toValue(filter) } })),
  })
}

export function useMissed(shopId: MaybeRefOrGetter<number>, filter: MaybeRefOrGetter<Pick<ClockFilter, 'clock' | 'cursor'>>) {
  return useQuery({
    queryKey: ['clocks', shopId, 'missed', filter],
    placeholderData: keepPreviousData,
    queryFn: () =>
      take(
        api.GET('/v1/shops/{shop_id}/clocks/missed', { params: { path: { shop_id: toValue(shopId) }, query: toValue(filter) } }),
      ),
  })
}
