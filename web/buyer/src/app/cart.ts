import { api, take, type Cart } from '@liveshelf/api'
import { remember, remembered } from '@liveshelf/kit/buyer'
import { useQuery, type UseQueryReturnType } from '@tanstack/vue-query'
import { computed, toValue, type ComputedRef, type MaybeRefOrGetter } from 'vue'
import { ensureMe } from './me'
import { queryClient } from './query'

const path = (shopId: number) => ({ params: { path: { shop_id: shopId } } })

/** Every change answers with the whole cart, so that price and stock of each line are of now. */
async function adopt(shopId: number, cart: Promise<Cart>): Promise<Cart> {
  const now = await cart
  if (now.lines.length > 0) remember(`cart.${shopId}`, '1')
  queryClient.setQueryData(['cart', shopId, 'all'], now)
  queryClient.setQueryData(['cart', shopId, 'count'], { count: now.lines.length })
  return now
}

export function useCart(shopId: MaybeRefOrGetter<number>): UseQueryReturnType<Cart, Error> {
  return useQuery({
    queryKey: ['cart', shopId, 'all'],
    staleTime: 0,
    queryFn: async () => {
      const shop = toValue(shopId)
      await ensureMe(shop)
      return adopt(shop, take(api.GET('/v1/storefront/{shop_id}/cart', path(shop))))
    },
  })
}

/** How many things are in the cart, for the badge. Who never put anything in is not asked about. */
export function useCartCount(shopId: MaybeRefOrGetter<number>): ComputedRef<number> {
  const query = useQuery({
    queryKey: ['cart', shopId, 'count'],
    enabled: computed(() => remembered(`cart.${toValue(shopId)}`) !== null),
    queryFn: () => {
      const shop = toValue(shopId)
      return take(api.GET('/v1/storefront/{shop_id}/cart/count', path(shop)))
    },
  })
  return computed(() => query.data.value?.count ?? 0)
}

/** What is put in while a live room is watched counts for that room. */
export const addToCart = (shopId: number, requestId: string, skuId: number, quantity: number, roomId: number | null): Promise<Cart> =>
  adopt(
    shopId,
    ensureMe(shopId).then(() =>
      take(api.POST('/v1/storefront/{shop_id}/cart/lines', { ...path(shopId), body: { request_id: requestId, sku_id: skuId, quantity, room_id: roomId } })),
    ),
  )

export const setCartQuantity = (shopId: number, skuId: number, quantity: number): Promise<Cart> =>
  adopt(
    shopId,
    take(api.PATCH('/v1/storefront/{shop_id}/cart/lines/{sku_id}', { params: { path: { shop_id: shopId, sku_id: skuId } }, body: { quantity } })),
  )

export const selectInCart = (shopId: number, skuIds: number[]): Promise<Cart> =>
  adopt(shopId, take(api.PUT('/v1/storefront/{shop_id}/cart/selection', { ...path(shopId), body: { sku_ids: skuIds } })))

export const removeFromCart = (shopId: number, skuIds: number[]): Promise<Cart> =>
  adopt(shopId, take(api.POST('/v1/storefront/{shop_id}/cart/remove', { ...path(shopId), body: { sku_ids: skuIds } })))

/** An order has taken things out of the cart. */
export const cartChanged = (shopId: number) => queryClient.invalidateQueries({ queryKey: ['cart', shopId] })
