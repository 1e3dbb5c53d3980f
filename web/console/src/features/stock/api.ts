import { api, take, type ChangeOutcome, type LinesShown, type Pool, type StockShown } from '@liveshelf/api'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

type Id = MaybeRefOrGetter<number>
type Cursor = MaybeRefOrGetter<string>

const FRESH_MS = 30_000
const POOLS: readonly Pool[] = ['general', 'activity', 'store', 'presale']
export { POOLS }

/** What is no longer true once a count has changed. */
export const STALE = [['stock'], ['products'], ['goods'], ['workbench']] as const

export function useStock(shopId: Id, filter: MaybeRefOrGetter<{ q?: string; show?: StockShown; cursor?: string }>) {
  return useQuery({
    queryKey: ['stock', shopId, 'list', filter],
    placeholderData: keepPreviousData,
    refetchInterval: FRESH_MS,
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/stock', { params: { path: { shop_id: toValue(shopId) }, query: toValue(filter) } })),
  })
}

const skuPath = (shop_id: number, sku_id: number) => ({ params: { path: { shop_id, sku_id } } })
const shopPath = (shop_id: number) => ({ params: { path: { shop_id } } })

export function useStockOf(shopId: Id, skuId: MaybeRefOrGetter<number | null>) {
  return useQuery({
    queryKey: ['stock', shopId, 'one', skuId],
    enabled: () => toValue(skuId) !== null,
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/skus/{sku_id}/stock', skuPath(toValue(shopId), toValue(skuId) ?? 0))),
  })
}

export function useMoves(shopId: Id, skuId: Id) {
  return useQuery({
    queryKey: ['stock', shopId, 'moves', skuId],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/skus/{sku_id}/moves', skuPath(toValue(shopId), toValue(skuId)))),
  })
}

export interface CountChange {
  request_id: string
  reason: string
  pool: Pool
  set?: number
  adjust?: number
  although_held?: boolean
}

export const changeCount = (shopId: number, skuId: number, body: CountChange) =>
  take(api.PUT('/v1/shops/{shop_id}/skus/{sku_id}/stock', { ...skuPath(shopId, skuId), body }))

export const transfer = (
  shopId: number,
  skuId: number,
  body: { request_id: string; source: Pool; target: Pool; count: number; reason: string },
) => take(api.POST('/v1/shops/{shop_id}/skus/{sku_id}/transfers', { ...skuPath(shopId, skuId), body }))

export interface Bounds {
  safety: number | null
  low_at: number | null
  sku_limit: number | null
  product_limit: number | null
}

export const setBounds = (shopId: number, skuId: number, body: Bounds & { request_id: string }) =>
  take(api.PUT('/v1/shops/{shop_id}/skus/{sku_id}/stock-bounds', { ...skuPath(shopId, skuId), body }))

export function useSettings(shopId: Id) {
  return useQuery({
    queryKey: ['stock', shopId, 'settings'],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/stock/settings', shopPath(toValue(shopId)))),
  })
}

export const saveSettings = (shopId: number, body: { request_id: string; safety: number; low_at: number }) =>
  take(api.PUT('/v1/shops/{shop_id}/stock/settings', { ...shopPath(shopId), body }))

export function useChanges(shopId: Id, filter: MaybeRefOrGetter<{ outcome?: ChangeOutcome; source?: string; cursor?: string }>) {
  return useQuery({
    queryKey: ['stock', shopId, 'changes', filter],
    placeholderData: keepPreviousData,
    refetchInterval: FRESH_MS,
    queryFn: () =>
      take(api.GET('/v1/shops/{shop_id}/stock/changes', { params: { path: { shop_id: toValue(shopId) }, query: toValue(filter) } })),
  })
}

function page(cursor: Cursor) {
  return { cursor: toValue(cursor) || undefined }
}

export function useOversold(shopId: Id, cursor: Cursor) {
  return useQuery({
    queryKey: ['stock', shopId, 'oversold', cursor],
    placeholderData: keepPreviousData,
    refetchInterval: FRESH_MS,
    queryFn: () =>
      take(api.GET('/v1/shops/{shop_id}/stock/oversold', { params: { path: { shop_id: toValue(shopId) }, query: page(cursor) } })),
  })
}

export function useAudits(shopId: Id, cursor: Cursor) {
  return useQuery({
    queryKey: ['stock', shopId, 'audits', cursor],
    placeholderData: keepPreviousData,
    refetchInterval: FRESH_MS,
    queryFn: () =>
      take(api.GET('/v1/shops/{shop_id}/stock/audits', { params: { path: { shop_id: toValue(shopId) }, query: page(cursor) } })),
  })
}

export const askAudit = (shopId: number, request_id: string) =>
  take(api.POST('/v1/shops/{shop_id}/stock/audits', { ...shopPath(shopId), body: { request_id } }))

export const exportStock = (shopId: number, request_id: string, language: 'zh' | 'en') =>
  take(api.POST('/v1/shops/{shop_id}/stock/exports', { ...shopPath(shopId), body: { request_id, language } }))

export function useStocktakes(shopId: Id, cursor: Cursor) {
  return useQuery({
    queryKey: ['stock', shopId, 'stocktakes', cursor],
    placeholderData: keepPreviousData,
    queryFn: () =>
      take(api.GET('/v1/shops/{shop_id}/stocktakes', { params: { path: { shop_id: toValue(shopId) }, query: page(cursor) } })),
  })
}

const takePath = (shop_id: number, stocktake_id: number) => ({ params: { path: { shop_id, stocktake_id } } })

export function useStocktake(shopId: Id, id: Id, filter: MaybeRefOrGetter<{ q?: string; show?: LinesShown; cursor?: string }>) {
  return useQuery({
    queryKey: ['stock', shopId, 'stocktake', id, filter],
    placeholderData: keepPreviousData,
    queryFn: () =>
      take(
        api.GET('/v1/shops/{shop_id}/stocktakes/{stocktake_id}', {
          params: { path: { shop_id: toValue(shopId), stocktake_id: toValue(id) }, query: toValue(filter) },
        }),
      ),
  })
}

export const openStocktake = (shopId: number, body: { request_id: string; title: string; pool: Pool }) =>
  take(api.POST('/v1/shops/{shop_id}/stocktakes', { ...shopPath(shopId), body }))

export const countLine = (shop_id: number, stocktake_id: number, sku_id: number, body: { request_id: string; counted: number }) =>
  take(
    api.PUT('/v1/shops/{shop_id}/stocktakes/{stocktake_id}/lines/{sku_id}', {
      params: { path: { shop_id, stocktake_id, sku_id } },
      body,
    }),
  )

export const closeStocktake = (shopId: number, id: number, body: { request_id: string; reason: string }) =>
  take(api.POST('/v1/shops/{shop_id}/stocktakes/{stocktake_id}/close', { ...takePath(shopId, id), body }))

export const cancelStocktake = (shopId: number, id: number, request_id: string) =>
  take(api.POST('/v1/shops/{shop_id}/stocktakes/{stocktake_id}/cancel', { ...takePath(shopId, id), body: { request_id } }))
