import { api, take, type Code, type Delivery, type Order, type OrderState, type Payment } from '@liveshelf/api'
import { useInfiniteQuery, useQuery, type UseQueryReturnType } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { ensureMe } from '../../app/me'
import type { Scene } from '../../app/pay'

/** The word that a payment came through takes a moment; this is how often an unpaid order is looked at again. */
const UNPAID_LOOK_MS = 3_000

export function useOrders(shopId: MaybeRefOrGetter<number>, states: MaybeRefOrGetter<readonly OrderState[]>) {
  return useInfiniteQuery({
    queryKey: ['orders', shopId, 'list', states],
    initialPageParam: '',
    queryFn: async ({ pageParam }) => {
      const shop_id = toValue(shopId)
      await ensureMe(shop_id)
      const state = [...toValue(states)]
      const query = { ...(state.length > 0 && { state }), ...(pageParam !== '' && { cursor: pageParam }) }
      return take(api.GET('/v1/storefront/{shop_id}/orders', { params: { path: { shop_id }, query } }))
    },
    getNextPageParam: (page) => page.next,
  })
}

export function useOrder(
  shopId: MaybeRefOrGetter<number>,
  orderId: MaybeRefOrGetter<string>,
): UseQueryReturnType<Order, Error> {
  return useQuery({
    queryKey: ['orders', shopId, 'one', orderId],
    queryFn: () => {
      const path = { shop_id: toValue(shopId), order_id: toValue(orderId) }
      return take(api.GET('/v1/storefront/{shop_id}/orders/{order_id}', { params: { path } }))
    },
    staleTime: 0,
    refetchInterval: (query) => (query.state.data?.state === 'to_pay' ? UNPAID_LOOK_MS : false),
  })
}

/** Where an order goes, with the buyer's note and invoice. */
export function useDelivery(shopId: MaybeRefOrGetter<number>, orderId: MaybeRefOrGetter<string>): UseQueryReturnType<Delivery, Error> {
  return useQuery({
    queryKey: ['orders', shopId, 'delivery', orderId],
    queryFn: () => {
      const path = { shop_id: toValue(shopId), order_id: toValue(orderId) }
      return take(api.GET('/v1/storefront/{shop_id}/orders/{order_id}/delivery', { params: { path } }))
    },
  })
}

const act = (shopId: number, orderId: string, requestId: string) => ({
  params: { path: { shop_id: shopId, order_id: orderId } },
  body: { request_id: requestId },
})

export function payOrder(shopId: number, orderId: string, requestId: string, scene: Scene = 'h5'): Promise<Payment> {
  const { params, body } = act(shopId, orderId, requestId)
  return take(api.POST('/v1/storefront/{shop_id}/orders/{order_id}/pay', { params, body: { ...body, scene } }))
}

export const cancelOrder = (shopId: number, orderId: string, requestId: string): Promise<Order> =>
  take(api.POST('/v1/storefront/{shop_id}/orders/{order_id}/cancel', act(shopId, orderId, requestId)))

export const confirmReceipt = (shopId: number, orderId: string, requestId: string): Promise<Order> =>
  take(api.POST('/v1/storefront/{shop_id}/orders/{order_id}/receive', act(shopId, orderId, requestId)))

export const extendReceipt = (shopId: number, orderId: string, requestId: string): Promise<Order> =>
  take(api.POST('/v1/storefront/{shop_id}/orders/{order_id}/extend', act(shopId, orderId, requestId)))

export const withdrawRequest = (shopId: number, orderId: string, requestId: string): Promise<Order> =>
  take(api.POST('/v1/storefront/{shop_id}/orders/{order_id}/address-request/withdraw', act(shopId, orderId, requestId)))

export const askForAddress = (shop_id: number, order_id: string, request_id: string, address_id: number): Promise<Order> =>
  take(
    api.POST('/v1/storefront/{shop_id}/orders/{order_id}/address-request', {
      params: { path: { shop_id, order_id } },
      body: { request_id, address_id },
    }),
  )

/** The redeem codes that came with an order; asked for only where something in it needs no parcel. */
export function useCodes(shopId: MaybeRefOrGetter<number>, orderId: MaybeRefOrGetter<string>, enabled: MaybeRefOrGetter<boolean>): UseQueryReturnType<Code[], Error> {
  return useQuery({
    queryKey: ['orders', shopId, 'codes', orderId],
    enabled,
    queryFn: () => {
      const path = { shop_id: toValue(shopId), order_id: toValue(orderId) }
      return take(api.GET('/v1/storefront/{shop_id}/orders/{order_id}/codes', { params: { path } }))
    },
  })
}
