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

export function useLimits(shopId: MaybeRefOrGetter<number>) {
  return useQuery({
    queryKey: ['clocks', shopId, 'limits'],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/time-limits', { params: { path: { shop_id: toValue(shopId) } } })),
  })
}

export const saveLimits = (shop_id: number, body: { request_id: string; receive_days: number; ship_hours: number; answer_hours: number; sales_days: number }) =>
  take(api.PUT('/v1/shops/{shop_id}/time-limits', { params: { path: { shop_id } }, body }))

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
