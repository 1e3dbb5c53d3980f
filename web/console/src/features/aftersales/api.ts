import { api, fileBody, take, type AftersaleSetup, type Case, type CaseDetail, type FlowBand, type Media } from '@liveshelf/api'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

export const GROUPS = ['to_do', 'with_buyer', 'refunding', 'ended', 'all'] as const
export type Group = (typeof GROUPS)[number]
export type Verb = Case['may'][number]
/** A change of the setup: what the shop says of a reason. */
export type ReasonDraft = Omit<AftersaleSetup['reasons'][number], 'kinds'>

const FRESH_MS = 15_000

export function useCases(shopId: MaybeRefOrGetter<number>, filter: MaybeRefOrGetter<{ group: Group; order_id?: string; cursor?: string }>) {
  return useQuery({
    queryKey: ['aftersales', shopId, filter],
    placeholderData: keepPreviousData,
    refetchInterval: FRESH_MS,
    queryFn: () =>
      take(api.GET('/v1/shops/{shop_id}/aftersales', { params: { path: { shop_id: toValue(shopId) }, query: toValue(filter) } })),
  })
}

/** One case, for the shop's staff; or, without a shop, for the platform that decides. */
export function useCase(shopId: MaybeRefOrGetter<number | null>, caseId: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['aftersales', shopId, 'one', caseId],
    refetchInterval: FRESH_MS,
    queryFn: () => {
      const [shop_id, case_id] = [toValue(shopId), toValue(caseId)]
      return shop_id === null
        ? take(api.GET('/v1/arbitrations/{case_id}', { params: { path: { case_id } } }))
        : take(api.GET('/v1/shops/{shop_id}/aftersales/{case_id}', { params: { path: { shop_id, case_id } } }))
    },
  })
}

export function useSetup(shopId: MaybeRefOrGetter<number>) {
  return useQuery({
    queryKey: ['aftersales-setup', shopId],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/aftersales-setup', { params: { path: { shop_id: toValue(shopId) } } })),
  })
}

export function useArbitrations(state: MaybeRefOrGetter<'waiting' | 'decided'>, cursor: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['arbitrations', state, cursor],
    placeholderData: keepPreviousData,
    refetchInterval: FRESH_MS,
    queryFn: () =>
      take(api.GET('/v1/arbitrations', { params: { query: { state: toValue(state), cursor: toValue(cursor) || undefined } } })),
  })
}

const at = (shop_id: number, case_id: string) => ({ params: { path: { shop_id, case_id } } })
const PLACE = '/v1/shops/{shop_id}/aftersales/{case_id}' as const

export interface Act {
  verb: Verb
  text: string
  amountFen: number | null
  until: string | null
  restock: boolean
  carrier: string
  number: string
  pictures: string[]
}

export const sendPicture = (shop_id: number, file: File): Promise<Media> =>
  take(
    api.POST('/v1/shops/{shop_id}/aftersales/pictures', { params: { path: { shop_id } }, ...fileBody(file) }) as Promise<{
      data?: Media
      response: Response
    }>,
  )

/** What somebody of the staff does to a case. */
export function act(shopId: number, one: Case, request_id: string, what: Act): Promise<CaseDetail> {
  const where = at(shopId, one.case_id)
  const { text } = what
  switch (what.verb) {
    case 'approve':
      return take(api.POST(`${PLACE}/approve`, { ...where, body: { request_id, step: one.review.step, text } }))
    case 'refuse':
      return take(api.POST(`${PLACE}/refuse`, { ...where, body: { request_id, text } }))
    case 'offer':
      return take(api.POST(`${PLACE}/offer`, { ...where, body: { request_id, amount_fen: what.amountFen ?? 0, text } }))
    case 'note':
      return take(api.POST(`${PLACE}/note`, { ...where, body: { request_id, text } }))
    case 'accept_return':
      return take(api.POST(`${PLACE}/accept-return`, { ...where, body: { request_id, restock: what.restock, text } }))
    case 'refuse_return':
      return take(api.POST(`${PLACE}/refuse-return`, { ...where, body: { request_id, text, pictures: what.pictures } }))
    case 'resend':
      return take(api.POST(`${PLACE}/resend`, { ...where, body: { request_id, carrier: what.carrier, number: what.number } }))
    case 'refund_instead':
      return take(api.POST(`${PLACE}/refund-instead`, { ...where, body: { request_id, text } }))
    default:
      return take(api.POST(`${PLACE}/say`, { ...where, body: { request_id, text, pictures: what.pictures, until: what.until } }))
  }
}

export const decide = (caseId: string, request_id: string, amount_fen: number, reason: string) =>
  take(api.POST('/v1/arbitrations/{case_id}/decide', { params: { path: { case_id: caseId } }, body: { request_id, amount_fen, reason } }))

const shop = (shop_id: number) => ({ params: { path: { shop_id } } })

export const setReasons = (shopId: number, request_id: string, reasons: ReasonDraft[]) =>
  take(api.PUT('/v1/shops/{shop_id}/aftersales-setup/reasons', { ...shop(shopId), body: { request_id, reasons } }))

export const setFlow = (shopId: number, request_id: string, after: number, bands: FlowBand[]) =>
  take(api.PUT('/v1/shops/{shop_id}/aftersales-setup/flow', { ...shop(shopId), body: { request_id, after, bands } }))

export interface AddressDraft {
  name: string
  phone: string
  region: string
  street: string
}

export const addAddress = (shopId: number, request_id: string, draft: AddressDraft) =>
  take(api.POST('/v1/shops/{shop_id}/aftersales-setup/addresses', { ...shop(shopId), body: { request_id, ...draft } }))

export const removeAddress = (shopId: number, address_id: number) =>
  take(
    api.DELETE('/v1/shops/{shop_id}/aftersales-setup/addresses/{address_id}', { params: { path: { shop_id: shopId, address_id } } }),
  )

export const chooseAddress = (shopId: number, request_id: string, address_id: number) =>
  take(
    api.POST('/v1/shops/{shop_id}/aftersales-setup/addresses/{address_id}/choose', {
      params: { path: { shop_id: shopId, address_id } },
      body: { request_id },
    }),
  )
