import { api, fileBody, take, type Case, type CaseDetail, type CaseDraft, type Media, type OrderAftersales } from '@liveshelf/api'
import { useInfiniteQuery, useQuery, type UseQueryReturnType } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { ensureMe } from '../../app/me'

/** While something may happen any moment (the money arrives, the shop answers) the page looks again this often. */
const LOOK_MS = 10_000
const ENDED: readonly Case['state'][] = ['refunded', 'exchanged', 'withdrawn', 'closed']

export function useCases(shopId: MaybeRefOrGetter<number>) {
  return useInfiniteQuery({
    queryKey: ['aftersales', shopId, 'list'],
    initialPageParam: '',
    queryFn: async ({ pageParam }) => {
      const shop_id = toValue(shopId)
      await ensureMe(shop_id)
      const query = pageParam === '' ? {} : { cursor: pageParam }
      return take(api.GET('/v1/storefront/{shop_id}/aftersales', { params: { path: { shop_id }, query } }))
    },
    getNextPageParam: (page) => page.next,
  })
}

export function useCase(shopId: MaybeRefOrGetter<number>, caseId: MaybeRefOrGetter<string>): UseQueryReturnType<CaseDetail, Error> {
  return useQuery({
    queryKey: ['aftersales', shopId, 'one', caseId],
    queryFn: () => {
      const path = { shop_id: toValue(shopId), case_id: toValue(caseId) }
      return take(api.GET('/v1/storefront/{shop_id}/aftersales/{case_id}', { params: { path } }))
    },
    staleTime: 0,
    refetchInterval: (query) => (query.state.data && !ENDED.includes(query.state.data.state) ? LOOK_MS : false),
  })
}

export function useOrderAftersales(shopId: MaybeRefOrGetter<number>, orderId: MaybeRefOrGetter<string>): UseQueryReturnType<OrderAftersales, Error> {
  return useQuery({
    queryKey: ['aftersales', shopId, 'order', orderId],
    queryFn: () => {
      const path = { shop_id: toValue(shopId), order_id: toValue(orderId) }
      return take(api.GET('/v1/storefront/{shop_id}/orders/{order_id}/aftersales', { params: { path } }))
    },
    staleTime: 0,
  })
}

export const apply = (shop_id: number, order_id: string, body: CaseDraft): Promise<CaseDetail> =>
  take(api.POST('/v1/storefront/{shop_id}/orders/{order_id}/aftersales', { params: { path: { shop_id, order_id } }, body }))

const PLACE = '/v1/storefront/{shop_id}/aftersales/{case_id}' as const
const at = (shop_id: number, case_id: string) => ({ params: { path: { shop_id, case_id } } })

export const withdraw = (shop: number, one: string, request_id: string) =>
  take(api.POST(`${PLACE}/withdraw`, { ...at(shop, one), body: { request_id } }))

export const sendBack = (shop: number, one: string, request_id: string, carrier: string, number: string) =>
  take(api.POST(`${PLACE}/send-back`, { ...at(shop, one), body: { request_id, carrier, number } }))

export const say = (shop: number, one: string, request_id: string, text: string, pictures: string[]) =>
  take(api.POST(`${PLACE}/say`, { ...at(shop, one), body: { request_id, text, pictures } }))

export const acceptOffer = (shop: number, one: string, request_id: string, offer_fen: number) =>
  take(api.POST(`${PLACE}/accept-offer`, { ...at(shop, one), body: { request_id, offer_fen } }))

export const declineOffer = (shop: number, one: string, request_id: string, offer_fen: number) =>
  take(api.POST(`${PLACE}/decline-offer`, { ...at(shop, one), body: { request_id, offer_fen } }))

export const callArbiter = (shop: number, one: string, request_id: string, text: string) =>
  take(api.POST(`${PLACE}/call-arbiter`, { ...at(shop, one), body: { request_id, text } }))

export const sendPicture = (shop_id: number, file: File): Promise<Media> =>
  take(
    api.POST('/v1/storefront/{shop_id}/pictures', { params: { path: { shop_id } }, ...fileBody(file) }) as Promise<{
      data?: Media
      response: Response
    }>,
  )
