import { api, take, type ShelfItem, type StoreGoodsPage } from '@liveshelf/api'
import { useQuery, type UseQueryReturnType } from '@tanstack/vue-query'
import { computed, shallowReactive, toValue, type MaybeRefOrGetter } from 'vue'

/** One goods with its SKUs: the goods page and the buy sheet read the same answer. */
export function useGoods(
  shopId: MaybeRefOrGetter<number>,
  goodsId: MaybeRefOrGetter<number | null>,
): UseQueryReturnType<StoreGoodsPage, Error> {
  return useQuery({
    queryKey: ['goods', shopId, goodsId],
    enabled: computed(() => toValue(goodsId) !== null),
    queryFn: () => {
      const path = { shop_id: toValue(shopId), goods_id: toValue(goodsId) ?? 0 }
      return take(api.GET('/v1/storefront/{shop_id}/goods/{goods_id}', { params: { path } }))
    },
  })
}

/** What the room we are in knows about its goods this very second; empty outside of rooms. */
export const liveGoods = shallowReactive(new Map<number, ShelfItem>())

export function keepLive(shelf: readonly ShelfItem[]): void {
  const there = new Set(shelf.map((item) => item.goods_id))
  for (const goodsId of liveGoods.keys()) if (!there.has(goodsId)) liveGoods.delete(goodsId)
  for (const item of shelf) if (liveGoods.get(item.goods_id) !== item) liveGoods.set(item.goods_id, item)
}
