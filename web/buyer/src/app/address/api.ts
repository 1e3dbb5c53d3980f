import { api, take, type Address, type AddressDraft, type Delivery, type Recognised } from '@liveshelf/api'
import { useQuery, type UseQueryReturnType } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { ensureMe } from '../me'
import { queryClient } from '../query'

/** A province, its cities, their districts: each with its code of six digits and its name. */
export type District = readonly [code: string, name: string]
export type City = readonly [code: string, name: string, districts: readonly District[]]
export type Province = readonly [code: string, name: string, cities: readonly City[]]

const key = (shopId: number) => ['addresses', shopId] as const

/** The buyer's addresses, the default first. */
export function useAddresses(shopId: MaybeRefOrGetter<number>, enabled: MaybeRefOrGetter<boolean> = true): UseQueryReturnType<Address[], Error> {
  return useQuery({
    queryKey: ['addresses', shopId],
    enabled,
    queryFn: async () => {
      const shop_id = toValue(shopId)
      await ensureMe(shop_id)
      return take(api.GET('/v1/storefront/{shop_id}/addresses', { params: { path: { shop_id } } }))
    },
  })
}

/** Provinces, cities, districts: fetched when first asked for, and kept by the browser for as long as it likes. */
export function useDivisions(): UseQueryReturnType<readonly Province[], Error> {
  return useQuery({
    queryKey: ['divisions'],
    staleTime: Infinity,
    queryFn: async () => {
      const { version } = await take(api.GET('/v1/divisions'))
      const text: unknown = await take(api.GET('/v1/divisions/{version}', { params: { path: { version } } }))
      return (text as { provinces: readonly Province[] }).provinces
    },
  })
}

/** Keep an address, a new one when it has no id yet. */
export async function keepAddress(shopId: number, requestId: string, addressId: number | null, draft: AddressDraft): Promise<Address> {
  const body = { ...draft, request_id: requestId }
  const kept = await (addressId === null
    ? take(api.POST('/v1/storefront/{shop_id}/addresses', { params: { path: { shop_id: shopId } }, body }))
    : take(
        api.PUT('/v1/storefront/{shop_id}/addresses/{address_id}', {
          params: { path: { shop_id: shopId, address_id: addressId } },
          body,
        }),
      ))
  // Not waited for: whoever asked goes on with what was kept.
  void queryClient.invalidateQueries({ queryKey: key(shopId) })
  return kept
}

export async function removeAddress(shopId: number, addressId: number): Promise<void> {
  const path = { shop_id: shopId, address_id: addressId }
  await take(api.DELETE('/v1/storefront/{shop_id}/addresses/{address_id}', { params: { path } }))
  await queryClient.invalidateQueries({ queryKey: key(shopId) })
}

export const recogniseAddress = (shopId: number, text: string): Promise<Recognised> =>
  take(api.POST('/v1/storefront/{shop_id}/addresses/recognise', { params: { path: { shop_id: shopId } }, body: { text } }))

/** Send an order that is not paid yet to one of the buyer's addresses. */
export const chooseAddress = (shopId: number, orderId: string, requestId: string, addressId: number): Promise<Delivery> =>
  take(
    api.PUT('/v1/storefront/{shop_id}/orders/{order_id}/delivery', {
      params: { path: { shop_id: shopId, order_id: orderId } },
      body: { request_id: requestId, address_id: addressId },
    }),
  )
