import { api, take, type ShelfItem, type StoreGoodsPage } from '@liveshelf/api'
import { useQuery, type UseQueryReturnType } from '@tanstack/vue-query'
import { computed, shallowReactive, toValue, type MaybeRefOrGetter } from 'vue'
import { queryClient } from './query'

function ofGoods(shopId: number, goodsId: number): Promise<StoreGoodsPage> {
  const path = { shop_id: shopId, goods_id: goodsId }
  return take(api.GET('/v1/storefront/{shop_id}/goods/{goods_id}', { params: { path } }))
}

/** The SKU of a goods that has one; null where there is something to choose first. */
export async function onlySku(shopId: number, goodsId: number): Promise<number | null> {
  const { skus } = await queryClient.fetchQuery({ queryKey: ['goods', shopId, goodsId], queryFn: () => ofGoods(shopId, goodsId) })
  return skus.length === 1 ? skus[0]!.sku_id : null
}

/** One goods with its SKUs: the goods page and the buy sheet read the same answer. */
export function useGoods(
  shopId: MaybeRefOrGetter<number>,
  goodsId: MaybeRefOrGetter<number | null>,
): UseQueryReturnType<StoreGoodsPage, Error> {
  return useQuery({
    queryKey: ['goods', shopId, goodsId],
    enabled: computed(() => toValue(goodsId) !== null),
    queryFn: () => ofGoods(toValue(shopId), toValue(goodsId) ?? 0),
  })
}

/** What the room we are in knows about its goods this very second; empty outside of rooms. */
export const liveGoods = shallowReactive(new Map<number, ShelfItem>())

export function keepLive(shelf: readonly ShelfItem[]): void {
  const there = new Set(shelf.map((item) => item.goods_id))
  for (const goodsId of liveGoods.keys()) if (!there.has(goodsId)) liveGoods.delete(goodsId)
  for (const item of shelf) if (liveGoods.get(item.goods_id) !== item) liveGoods.set(item.goods_id, item)
}
