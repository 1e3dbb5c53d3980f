import { api, take, type MerchantDraft, type RefundState } from '@liveshelf/api'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

type Shop = MaybeRefOrGetter<number>
type Cursor = MaybeRefOrGetter<string>

export interface RefundFilter {
  state?: RefundState
  trouble?: boolean
  cursor?: string
}

export function useRefunds(shopId: Shop, filter: MaybeRefOrGetter<RefundFilter>) {
  return useQuery({
    queryKey: ['money', shopId, 'refunds', filter],
    placeholderData: keepPreviousData,
    queryFn: () =>
      take(api.GET('/v1/shops/{shop_id}/money/refunds', { params: { path: { shop_id: toValue(shopId) }, query: toValue(filter) } })),
  })
}

export function useDays(shopId: Shop, cursor: Cursor) {
  return useQuery({
    queryKey: ['money', shopId, 'days', cursor],
    placeholderData: keepPreviousData,
    queryFn: () =>
      take(
        api.GET('/v1/shops/{shop_id}/money/days', {
          params: { path: { shop_id: toValue(shopId) }, query: { cursor: toValue(cursor) || undefined } },
        }),
      ),
  })
}

export function useDifferences(shopId: Shop, filter: MaybeRefOrGetter<{ closed?: boolean; cursor?: string }>) {
  return useQuery({
    queryKey: ['money', shopId, 'differences', filter],
    placeholderData: keepPreviousData,
    queryFn: () =>
      take(
        api.GET('/v1/shops/{shop_id}/money/differences', {
          params: { path: { shop_id: toValue(shopId) }, query: toValue(filter) },
        }),
      ),
  })
}

export function useBalances(shopId: Shop) {
  return useQuery({
    queryKey: ['money', shopId, 'balances'],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/money/balances', { params: { path: { shop_id: toValue(shopId) } } })),
  })
}

export function useEntries(shopId: Shop, cursor: Cursor) {
  return useQuery({
    queryKey: ['money', shopId, 'entries', cursor],
    placeholderData: keepPreviousData,
    queryFn: () =>
      take(
        api.GET('/v1/shops/{shop_id}/money/entries', {
          params: { path: { shop_id: toValue(shopId) }, query: { cursor: toValue(cursor) || undefined } },
        }),
      ),
  })
}

export function useMerchant(shopId: Shop) {
  return useQuery({
    queryKey: ['money', shopId, 'merchant'],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/money/merchant', { params: { path: { shop_id: toValue(shopId) } } })),
  })
}

export const compareDay = (shopId: number, requestId: string, merchant: string, day: string) =>
  take(
    api.POST('/v1/shops/{shop_id}/money/days/{merchant}/{day}/compare', {
      params: { path: { shop_id: shopId, merchant, day } },
      body: { request_id: requestId },
    }),
  )

export const closeDifference = (shopId: number, requestId: string, id: string, reason: string) =>
  take(
    api.POST('/v1/shops/{shop_id}/money/differences/{difference_id}/close', {
      params: { path: { shop_id: shopId, difference_id: id } },
      body: { request_id: requestId, reason },
    }),
  )

export const recordPayout = (shopId: number, requestId: string, reference: string, amountFen: number) =>
  take(
    api.POST('/v1/shops/{shop_id}/money/payouts', {
      params: { path: { shop_id: shopId } },
      body: { request_id: requestId, reference, amount_fen: amountFen },
    }),
  )

export const setMerchant = (shopId: number, requestId: string, draft: MerchantDraft) =>
  take(
    api.PUT('/v1/shops/{shop_id}/money/merchant', {
      params: { path: { shop_id: shopId } },
      body: { request_id: requestId, ...draft },
    }),
  )
