import { api, take, type FaultDraft } from '@liveshelf/api'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

type Id = MaybeRefOrGetter<number>
const of = (shop_id: number) => ({ params: { path: { shop_id } } })

export function useDeveloper(shopId: Id) {
  return useQuery({
    queryKey: ['developer', shopId],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/developer', of(toValue(shopId)))),
  })
}

export const rotateSecret = (shopId: number, overlapHours: number) =>
  take(api.POST('/v1/shops/{shop_id}/developer/secret', { ...of(shopId), body: { overlap_hours: overlapHours } }))

export const endPreviousSecret = (shopId: number, requestId: string) =>
  take(api.POST('/v1/shops/{shop_id}/developer/secret/end-previous', { ...of(shopId), body: { request_id: requestId } }))

export const saveAddresses = (shopId: number, addresses: string[]) =>
  take(api.PUT('/v1/shops/{shop_id}/developer/addresses', { ...of(shopId), body: { addresses } }))

export const savePages = (shopId: number, pages: string[]) =>
  take(api.PUT('/v1/shops/{shop_id}/developer/pages', { ...of(shopId), body: { pages } }))

export const saveQuotas = (shopId: number, limits: Record<string, number | null>) =>
  take(api.PUT('/v1/shops/{shop_id}/developer/quotas', { ...of(shopId), body: { limits } }))

const FAULTS_FRESH_MS = 3_000

/** Faults are used up by calls, so the list is read again while it is looked at. */
export function useFaults(shopId: Id) {
  return useQuery({
    queryKey: ['developer', shopId, 'faults'],
    refetchInterval: FAULTS_FRESH_MS,
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/developer/faults', of(toValue(shopId)))),
  })
}

export const addFault = (shopId: number, body: FaultDraft) =>
  take(api.POST('/v1/shops/{shop_id}/developer/faults', { ...of(shopId), body }))

export const deleteFault = (shop_id: number, fault_id: string) =>
  take(api.DELETE('/v1/shops/{shop_id}/developer/faults/{fault_id}', { params: { path: { shop_id, fault_id } } }))

export function useCalls(shopId: Id, filter: MaybeRefOrGetter<{ rid?: string; api?: string; cursor?: string }>) {
  return useQuery({
    queryKey: ['developer', shopId, 'calls', filter],
    placeholderData: keepPreviousData,
    queryFn: () =>
      take(api.GET('/v1/shops/{shop_id}/developer/calls', { params: { path: { shop_id: toValue(shopId) }, query: toValue(filter) } })),
  })
}

export const resetShop = (shopId: number, confirm: string) =>
  take(api.POST('/v1/shops/{shop_id}/developer/reset', { ...of(shopId), body: { confirm } }))
