import { api, take, type Delivery, type OrderState } from '@liveshelf/api'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

export interface OrderFilter {
  state?: OrderState
  q?: string
  cursor?: string
}

const FRESH_MS = 15_000

export function useOrders(shopId: MaybeRefOrGetter<number>, filter: MaybeRefOrGetter<OrderFilter>) {
  return useQuery({
    queryKey: ['orders', shopId, filter],
    placeholderData: keepPreviousData,
    refetchInterval: FRESH_MS,
    queryFn: () =>
      take(api.GET('/v1/shops/{shop_id}/orders', { params: { path: { shop_id: toValue(shopId) }, query: toValue(filter) } })),
  })
}

export function useOrder(shopId: MaybeRefOrGetter<number>, orderId: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['orders', shopId, 'one', orderId],
    refetchInterval: FRESH_MS,
    queryFn: () =>
      take(
        api.GET('/v1/shops/{shop_id}/orders/{order_id}', {
          params: { path: { shop_id: toValue(shopId), order_id: toValue(orderId) } },
        }),
      ),
  })
}

/** Where an order goes, with what tells who it is left out. */
export function useOrderDelivery(shopId: MaybeRefOrGetter<number>, orderId: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['orders', shopId, 'delivery', orderId],
    queryFn: () =>
      take(
        api.GET('/v1/shops/{shop_id}/orders/{order_id}/delivery', {
          params: { path: { shop_id: toValue(shopId), order_id: toValue(orderId) } },
        }),
      ),
  })
}

/** The same, whole. The look is written into the trail. */
export const revealDelivery = (shopId: number, orderId: string): Promise<Delivery> =>
  take(
    api.POST('/v1/shops/{shop_id}/orders/{order_id}/delivery/reveal', {
      params: { path: { shop_id: shopId, order_id: orderId } },
    }),
  )
