import { api, take } from '@liveshelf/api'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

export function useRequests(shopId: MaybeRefOrGetter<number>, cursor: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['privacy', shopId, cursor],
    placeholderData: keepPreviousData,
    queryFn: () =>
      take(
        api.GET('/v1/shops/{shop_id}/privacy/requests', {
          params: { path: { shop_id: toValue(shopId) }, query: { cursor: toValue(cursor) || undefined } },
        }),
      ),
  })
}

const of = (shopId: number, customerId: number, requestId: string) => ({
  params: { path: { shop_id: shopId, customer_id: customerId } },
  body: { request_id: requestId },
})

export const copyFor = (shopId: number, requestId: string, customerId: number) =>
  take(api.POST('/v1/shops/{shop_id}/privacy/customers/{customer_id}/copy', of(shopId, customerId, requestId)))

export const eraseCustomer = (shopId: number, requestId: string, customerId: number) =>
  take(api.POST('/v1/shops/{shop_id}/privacy/customers/{customer_id}/erase', of(shopId, customerId, requestId)))

export const fileOf = (shopId: number, id: string): string => `/v1/shops/${shopId}/privacy/requests/${id}/file`
