import { api, take, type Consent, type DataCopy, type DemoBuyer, type LoginCode, type Me } from '@liveshelf/api'
import { useQuery, type UseQueryReturnType } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

const at = (shopId: number) => ({ params: { path: { shop_id: shopId } } })

export interface Credentials {
  phone: string
  password: string
}

export const register = (shopId: number, who: Credentials & { name: string }): Promise<Me> =>
  take(api.POST('/v1/storefront/{shop_id}/me/register', { ...at(shopId), body: who }))

export const signIn = (shopId: number, who: Credentials): Promise<Me> =>
  take(api.POST('/v1/storefront/{shop_id}/me/sign-in', { ...at(shopId), body: who }))

export const signOut = (shopId: number): Promise<unknown> =>
  take(api.DELETE('/v1/storefront/{shop_id}/me/session', at(shopId)))

export const rename = (shopId: number, name: string): Promise<Me> =>
  take(api.PATCH('/v1/storefront/{shop_id}/me', { ...at(shopId), body: { name } }))

export const eraseMe = (shopId: number): Promise<unknown> => take(api.DELETE('/v1/storefront/{shop_id}/me', at(shopId)))

export const becomeDemoBuyer = (shopId: number, customerId: number): Promise<Me> =>
  take(api.POST('/v1/storefront/{shop_id}/me/demo-buyer', { ...at(shopId), body: { customer_id: customerId } }))

export const mintLoginCode = (shopId: number): Promise<LoginCode> =>
  take(api.POST('/v1/storefront/{shop_id}/me/login-code', at(shopId)))

export function useDemoBuyers(shopId: MaybeRefOrGetter<number>): UseQueryReturnType<DemoBuyer[], Error> {
  return useQuery({
    queryKey: ['demo-buyers', shopId],
    queryFn: () => take(api.GET('/v1/storefront/{shop_id}/me/demo-buyers', at(toValue(shopId)))),
  })
}

export function useConsents(shopId: MaybeRefOrGetter<number>): UseQueryReturnType<Consent[], Error> {
  return useQuery({
    queryKey: ['consents', shopId],
    queryFn: () => take(api.GET('/v1/storefront/{shop_id}/me/consents', at(toValue(shopId)))),
  })
}

export const setConsent = (shopId: number, requestId: string, purpose: Consent['purpose'], given: boolean): Promise<Consent[]> =>
  take(
    api.PUT('/v1/storefront/{shop_id}/me/consents/{purpose}', {
      params: { path: { shop_id: shopId, purpose } },
      body: { request_id: requestId, given },
    }),
  )

const WAITING_MS = 3_000

/** While one is being made, its page looks again. */
export function useCopies(shopId: MaybeRefOrGetter<number>): UseQueryReturnType<DataCopy[], Error> {
  return useQuery({
    queryKey: ['copies', shopId],
    refetchInterval: (query) => (query.state.data?.some((one) => !one.done_at) ? WAITING_MS : false),
    queryFn: () => take(api.GET('/v1/storefront/{shop_id}/me/copies', at(toValue(shopId)))),
  })
}

export const askForCopy = (shopId: number, requestId: string): Promise<DataCopy> =>
  take(api.POST('/v1/storefront/{shop_id}/me/copies', { ...at(shopId), body: { request_id: requestId } }))

export const copyFile = (shopId: number, copyId: string): string => `/v1/storefront/${shopId}/me/copies/${copyId}/file`
