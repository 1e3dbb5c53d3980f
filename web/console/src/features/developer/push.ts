import { api, take, type DeliveryState, type WebhookDraft } from '@liveshelf/api'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

type Id = MaybeRefOrGetter<number>
const of = (shop_id: number) => ({ params: { path: { shop_id } } })
const one = (shop_id: number, delivery_id: string) => ({ params: { path: { shop_id, delivery_id } } })

export function useWebhook(shopId: Id) {
  return useQuery({
    queryKey: ['webhook', shopId],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/developer/webhook', of(toValue(shopId)))),
  })
}

export const saveWebhook = (shopId: number, request_id: string, draft: WebhookDraft) =>
  take(api.PUT('/v1/shops/{shop_id}/developer/webhook', { ...of(shopId), body: { ...draft, request_id } }))

export const removeWebhook = (shopId: number) => take(api.DELETE('/v1/shops/{shop_id}/developer/webhook', of(shopId)))

const FRESH_MS = 5_000

/** Messages are sent while one looks on, so the list is read again. */
export function useDeliveries(shopId: Id, filter: MaybeRefOrGetter<{ state?: DeliveryState; cursor?: string }>) {
  return useQuery({
    queryKey: ['webhook', shopId, 'deliveries', filter],
    placeholderData: keepPreviousData,
    refetchInterval: FRESH_MS,
    queryFn: () =>
      take(
        api.GET('/v1/shops/{shop_id}/developer/webhook/deliveries', {
          params: { path: { shop_id: toValue(shopId) }, query: toValue(filter) },
        }),
      ),
  })
}

export function useDelivery(shopId: Id, id: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['webhook', shopId, 'delivery', id],
    queryFn: () =>
      take(api.GET('/v1/shops/{shop_id}/developer/webhook/deliveries/{delivery_id}', one(toValue(shopId), toValue(id)))),
  })
}

export const sendAgain = (shopId: number, request_id: string, id: string) =>
  take(
    api.POST('/v1/shops/{shop_id}/developer/webhook/deliveries/{delivery_id}/send-again', {
      ...one(shopId, id),
      body: { request_id },
    }),
  )
