import { api, take, type PenaltyLevel, type PenaltyState } from '@liveshelf/api'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import type { Tone } from '../../app/states'

export const LEVELS: readonly PenaltyLevel[] = ['minor', 'general', 'severe']
export const STATES: readonly PenaltyState[] = ['in_force', 'ended', 'reversed']
export const LEVEL_TONE: Record<PenaltyLevel, Tone> = { minor: 'warn', general: 'warn', severe: 'bad' }
export const STATE_TONE: Record<PenaltyState, Tone> = { in_force: 'bad', ended: 'quiet', reversed: 'good' }
const PAGE = 50

export function usePenalties(wanted: () => { level: string; state: string; shop: number | null; cursor: string }) {
  return useQuery({
    queryKey: ['penalties', wanted],
    placeholderData: keepPreviousData,
    queryFn: () => {
      const { level, state, shop, cursor } = wanted()
      const query = {
        level: LEVELS.find((one) => one === level), state: STATES.find((one) => one === state),
        shop: shop ?? undefined, cursor: cursor || undefined, limit: PAGE,
      }
      return take(api.GET('/v1/penalties', { params: { query } }))
    },
  })
}

export function useSetup() {
  return useQuery({ queryKey: ['penalties', 'setup'], queryFn: () => take(api.GET('/v1/penalties/setup')) })
}

export interface ViolationDraft {
  shop_id: number
  rule: string
  what: string
  quote: string
  happened_at: string
  room_id?: number
  video_s?: number
}

export const impose = (request_id: string, draft: ViolationDraft) => take(api.POST('/v1/penalties', { body: { request_id, ...draft } }))

export const reverse = (penalty_id: string, request_id: string, reason: string) =>
  take(api.POST('/v1/penalties/{penalty_id}/reverse', { params: { path: { penalty_id } }, body: { request_id, reason } }))

export function useOwnPenalties(shopId: MaybeRefOrGetter<number>, cursor: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['own-penalties', shopId, cursor],
    placeholderData: keepPreviousData,
    queryFn: () =>
      take(api.GET('/v1/shops/{shop_id}/penalties', { params: { path: { shop_id: toValue(shopId) }, query: { cursor: toValue(cursor) || undefined, limit: PAGE } } })),
  })
}

const own = (shop_id: number, penalty_id: string) => ({ params: { path: { shop_id, penalty_id } } })

export const acknowledge = (shopId: number, penaltyId: string, request_id: string) =>
  take(api.POST('/v1/shops/{shop_id}/penalties/{penalty_id}/acknowledge', { ...own(shopId, penaltyId), body: { request_id } }))

export const appealPenalty = (shopId: number, penaltyId: string, request_id: string, text: string) =>
  take(api.POST('/v1/shops/{shop_id}/penalties/{penalty_id}/appeal', { ...own(shopId, penaltyId), body: { request_id, text } }))
