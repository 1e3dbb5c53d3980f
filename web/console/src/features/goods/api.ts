import { api, take, type GoodsState, type Priced, type PaperKind, type ProductDraft } from '@liveshelf/api'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

type Id = MaybeRefOrGetter<number>

export interface ListFilter {
  q?: string
  cursor?: string
}

export function useProducts(shopId: Id, filter: MaybeRefOrGetter<ListFilter & { state?: GoodsState | 'no_card' }>) {
  return useQuery({
    queryKey: ['products', shopId, filter],
    placeholderData: keepPreviousData,
    queryFn: () =>
      take(api.GET('/v1/shops/{shop_id}/products', { params: { path: { shop_id: toValue(shopId) }, query: toValue(filter) } })),
  })
}

export function useCategories() {
  return useQuery({ queryKey: ['categories'], staleTime: Infinity, queryFn: () => take(api.GET('/v1/categories')) })
}

export function useCategoryAdvice(shopId: Id, asked: MaybeRefOrGetter<{ title: string; category: number | null }>) {
  return useQuery({
    queryKey: ['categories', 'advice', shopId, asked],
    placeholderData: keepPreviousData,
    enabled: () => toValue(asked).title !== '',
    queryFn: () => {
      const { title, category } = toValue(asked)
      const query = { title, ...(category !== null && { category }) }
      return take(api.GET('/v1/shops/{shop_id}/category-advice', { params: { path: { shop_id: toValue(shopId) }, query } }))
    },
  })
}

const productPath = (shop_id: number, product_id: number) => ({ params: { path: { shop_id, product_id } } })

export function useProduct(shopId: Id, productId: MaybeRefOrGetter<number | null>) {
  return useQuery({
    queryKey: ['products', shopId, 'one', productId],
    enabled: () => toValue(productId) !== null,
    // What is being edited must not change under the hands.
    refetchOnWindowFocus: false,
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/products/{product_id}', productPath(toValue(shopId), toValue(productId) ?? 0))),
  })
}

export const createProduct = (shop_id: number, request_id: string, draft: ProductDraft) =>
  take(api.POST('/v1/shops/{shop_id}/products', { params: { path: { shop_id } }, body: { ...draft, request_id } }))

export const saveProduct = (shopId: number, productId: number, draft: ProductDraft & { version: number }) =>
  take(api.PATCH('/v1/shops/{shop_id}/products/{product_id}', { ...productPath(shopId, productId), body: draft }))

export const deleteProduct = (shopId: number, productId: number) =>
  take(api.DELETE('/v1/shops/{shop_id}/products/{product_id}', productPath(shopId, productId)))

export function useCardProposal(shopId: Id, productId: Id) {
  return useQuery({
    queryKey: ['products', shopId, 'proposal', productId],
    staleTime: 0,
    refetchOnWindowFocus: false,
    queryFn: () =>
      take(api.GET('/v1/shops/{shop_id}/products/{product_id}/card-proposal', productPath(toValue(shopId), toValue(productId)))),
  })
}

export interface CardDraft {
  product_id: number
  name: string
  cover_media_id?: string
  is_ad?: boolean
}

export const makeCard = (shop_id: number, request_id: string, draft: CardDraft) =>
  take(api.POST('/v1/shops/{shop_id}/goods', { params: { path: { shop_id } }, body: { ...draft, request_id } }))

export function useLibrary(shopId: Id, filter: MaybeRefOrGetter<ListFilter & { state?: GoodsState }>) {
  return useQuery({
    queryKey: ['goods', shopId, filter],
    placeholderData: keepPreviousData,
    queryFn: () =>
      take(api.GET('/v1/shops/{shop_id}/goods', { params: { path: { shop_id: toValue(shopId) }, query: toValue(filter) } })),
  })
}

const goodsPath = (shop_id: number, goods_id: number) => ({ params: { path: { shop_id, goods_id } } })

export function useGoods(shopId: Id, goodsId: Id) {
  return useQuery({
    queryKey: ['goods', shopId, 'one', goodsId],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/goods/{goods_id}', goodsPath(toValue(shopId), toValue(goodsId)))),
  })
}

export function usePrechecks(shopId: Id, goodsId: Id) {
  return useQuery({
    queryKey: ['goods', 'prechecks', shopId, goodsId],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/goods/{goods_id}/prechecks', { params: { path: { shop_id: toValue(shopId), goods_id: toValue(goodsId) } } })),
  })
}

export function useGoodsHistory(shopId: Id, goodsId: Id) {
  return useQuery({
    queryKey: ['goods', shopId, 'history', goodsId],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/goods/{goods_id}/history', goodsPath(toValue(shopId), toValue(goodsId)))),
  })
}

export const editGoods = (
  shopId: number,
  goodsId: number,
  body: { name?: string; cover_media_id?: string; url?: string; is_ad?: boolean } & Partial<Priced>,
) => take(api.PATCH('/v1/shops/{shop_id}/goods/{goods_id}', { ...goodsPath(shopId, goodsId), body }))

export const submitGoods = (shopId: number, goodsId: number) =>
  take(api.POST('/v1/shops/{shop_id}/goods/{goods_id}/submit', goodsPath(shopId, goodsId)))

export const withdrawGoods = (shopId: number, goodsId: number) =>
  take(api.POST('/v1/shops/{shop_id}/goods/{goods_id}/withdraw', goodsPath(shopId, goodsId)))

export const withdrawChange = (shopId: number, goodsId: number) =>
  take(api.POST('/v1/shops/{shop_id}/goods/{goods_id}/withdraw-change', { params: { path: { shop_id: shopId, goods_id: goodsId } } }))

export const setValidity = (shopId: number, goodsId: number, valid_until: string | null) =>
  take(api.PUT('/v1/shops/{shop_id}/goods/{goods_id}/validity', { ...goodsPath(shopId, goodsId), body: { valid_until } }))

export const deleteGoods = (shopId: number, goodsId: number) =>
  take(api.DELETE('/v1/shops/{shop_id}/goods/{goods_id}', goodsPath(shopId, goodsId)))

const skuPath = (shop_id: number, sku_id: number) => ({ params: { path: { shop_id, sku_id } } })

export const changeStock = (
  shopId: number,
  skuId: number,
  body: { request_id: string; set?: number; adjust?: number; reason: string },
) => take(api.PUT('/v1/shops/{shop_id}/skus/{sku_id}/stock', { ...skuPath(shopId, skuId), body }))

export function useStockMoves(shopId: Id, skuId: Id) {
  return useQuery({
    queryKey: ['stock-moves', shopId, skuId],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/skus/{sku_id}/moves', skuPath(toValue(shopId), toValue(skuId)))),
  })
}

export const waivePaper = (shop_id: number, request_id: string, product_id: number, kind: string, reason: string) =>
  take(api.POST('/v1/shops/{shop_id}/waivers', { params: { path: { shop_id } }, body: { request_id, product_id, kind: kind as PaperKind, reason } }))
