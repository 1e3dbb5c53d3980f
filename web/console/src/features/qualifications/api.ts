import { api, formBody, take, type ApplicationKind, type ApplicationState, type LiveMode, type PaperView, type Subject } from '@liveshelf/api'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

type Shop = MaybeRefOrGetter<number>
const of = (shop_id: number) => ({ params: { path: { shop_id } } })
const FRESH_MS = 10_000

export function useQualifications(shopId: Shop) {
  return useQuery({
    queryKey: ['qualifications', shopId],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/qualifications', of(toValue(shopId)))),
  })
}

export function useWaivers(shopId: Shop) {
  return useQuery({ queryKey: ['waivers', shopId], queryFn: () => take(api.GET('/v1/shops/{shop_id}/waivers', of(toValue(shopId)))) })
}

export function useCategories() {
  return useQuery({ queryKey: ['categories'], staleTime: Infinity, queryFn: () => take(api.GET('/v1/categories')) })
}

export const begin = (request_id: string, name: string) => take(api.POST('/v1/shops', { body: { request_id, name } }))

export const draftOpening = (shopId: number, request_id: string, subject: Subject, holder: string) =>
  take(api.PUT('/v1/shops/{shop_id}/opening', { ...of(shopId), body: { request_id, subject, holder } }))

export const draftLive = (shopId: number, request_id: string, mode: LiveMode, categories: number[]) =>
  take(api.PUT('/v1/shops/{shop_id}/live-permission', { ...of(shopId), body: { request_id, mode, categories } }))

export const submitApplication = (shop_id: number, request_id: string, kind: ApplicationKind) =>
  take(api.POST('/v1/shops/{shop_id}/applications/{kind}/submit', { params: { path: { shop_id, kind } }, body: { request_id } }))

export const openShop = (shopId: number, request_id: string) => take(api.POST('/v1/shops/{shop_id}/open', { ...of(shopId), body: { request_id } }))

export interface PaperDraft {
  kind: string
  number: string
  valid_until: string
  file: File
}

export const handInPaper = (shopId: number, draft: PaperDraft) =>
  take(api.POST('/v1/shops/{shop_id}/papers', { ...of(shopId), ...formBody({ ...draft }) }) as Promise<{ data?: PaperView; response: Response }>)

export const paperLink = (shop_id: number, paper_id: string) =>
  take(api.POST('/v1/shops/{shop_id}/papers/{paper_id}/link', { params: { path: { shop_id, paper_id } } }))

export function useApplications(state: MaybeRefOrGetter<ApplicationState>, cursor: MaybeRefOrGetter<string>, on: MaybeRefOrGetter<boolean>) {
  return useQuery({
    queryKey: ['merchants', 'applications', state, cursor],
    placeholderData: keepPreviousData,
    refetchInterval: FRESH_MS,
    enabled: () => toValue(on),
    queryFn: () => take(api.GET('/v1/merchants/applications', { params: { query: { state: toValue(state), cursor: toValue(cursor) || undefined } } })),
  })
}

export function useWaitingPapers(cursor: MaybeRefOrGetter<string>, on: MaybeRefOrGetter<boolean>) {
  return useQuery({
    queryKey: ['merchants', 'papers', cursor],
    placeholderData: keepPreviousData,
    refetchInterval: FRESH_MS,
    enabled: () => toValue(on),
    queryFn: () => take(api.GET('/v1/merchants/papers', { params: { query: { cursor: toValue(cursor) || undefined } } })),
  })
}

export function useMerchantShop(merchant: MaybeRefOrGetter<number>) {
  return useQuery({
    queryKey: ['merchants', 'one', merchant],
    queryFn: () => take(api.GET('/v1/merchants/{merchant}', { params: { path: { merchant: toValue(merchant) } } })),
  })
}

export function useDeskReasons() {
  return useQuery({ queryKey: ['merchants', 'reasons'], staleTime: Infinity, queryFn: () => take(api.GET('/v1/merchants/reasons')) })
}

export interface Verdict {
  passed: boolean
  reasons: string[]
  note: string
}

export const decideApplication = (merchant: number, request_id: string, kind: ApplicationKind, verdict: Verdict) =>
  take(api.POST('/v1/merchants/{merchant}/applications/{kind}/verdict', { params: { path: { merchant, kind } }, body: { request_id, ...verdict } }))

export const decidePaper = (merchant: number, request_id: string, paper_id: string, verdict: Verdict) =>
  take(api.POST('/v1/merchants/{merchant}/papers/{paper_id}/verdict', { params: { path: { merchant, paper_id } }, body: { request_id, ...verdict } }))

export const merchantPaperLink = (merchant: number, paper_id: string) =>
  take(api.POST('/v1/merchants/{merchant}/papers/{paper_id}/link', { params: { path: { merchant, paper_id } } }))

export function useShopProviders(shopId: Shop) {
  return useQuery({ queryKey: ['providers', shopId], queryFn: () => take(api.GET('/v1/shops/{shop_id}/providers', of(toValue(shopId)))) })
}

export const authorise = (shop_id: number, request_id: string, provider_id: string, categories: number[]) =>
  take(api.PUT('/v1/shops/{shop_id}/providers/{provider_id}', { params: { path: { shop_id, provider_id } }, body: { request_id, categories } }))

export const revoke = (shop_id: number, provider_id: string) =>
  take(api.DELETE('/v1/shops/{shop_id}/providers/{provider_id}', { params: { path: { shop_id, provider_id } } }))

export function useAllProviders() {
  return useQuery({ queryKey: ['providers'], queryFn: () => take(api.GET('/v1/providers')) })
}

export const addProvider = (request_id: string, name: string) => take(api.POST('/v1/providers', { body: { request_id, name, official: true } }))

export const setOfficial = (request_id: string, provider_id: string, official: boolean) =>
  take(api.PUT('/v1/providers/{provider_id}', { params: { path: { provider_id } }, body: { request_id, official } }))

export const joinProvider = (request_id: string, provider_id: string, username: string) =>
  take(api.POST('/v1/providers/{provider_id}/people', { params: { path: { provider_id } }, body: { request_id, username } }))

export function useEnterprise(shopId: Shop) {
  return useQuery({ queryKey: ['wecom', shopId], queryFn: () => take(api.GET('/v1/shops/{shop_id}/wecom', of(toValue(shopId)))) })
}

export const bindEnterprise = (shopId: number, request_id: string, corp_id: string, secret: string) =>
  take(api.PUT('/v1/shops/{shop_id}/wecom', { ...of(shopId), body: { request_id, corp_id, secret } }))

export const unbindEnterprise = (shopId: number) => take(api.DELETE('/v1/shops/{shop_id}/wecom', of(shopId)))

export const readEmployees = (shopId: number, request_id: string) => take(api.POST('/v1/shops/{shop_id}/wecom/read', { ...of(shopId), body: { request_id } }))

export function useEmployees(shopId: Shop, cursor: MaybeRefOrGetter<string>, on: MaybeRefOrGetter<boolean>) {
  return useQuery({
    queryKey: ['employees', shopId, cursor],
    placeholderData: keepPreviousData,
    enabled: () => toValue(on),
    queryFn: () =>
      take(api.GET('/v1/shops/{shop_id}/employees', { params: { path: { shop_id: toValue(shopId) }, query: { cursor: toValue(cursor) || undefined } } })),
  })
}

export const matchEmployee = (shop_id: number, request_id: string, employee_id: string, username: string) =>
  take(api.PUT('/v1/shops/{shop_id}/employees/{employee_id}/account', { params: { path: { shop_id, employee_id } }, body: { request_id, username } }))

export const unmatchEmployee = (shop_id: number, employee_id: string) =>
  take(api.DELETE('/v1/shops/{shop_id}/employees/{employee_id}/account', { params: { path: { shop_id, employee_id } } }))

export function useEmployments() {
  return useQuery({ queryKey: ['employments'], queryFn: () => take(api.GET('/v1/employments')) })
}

export const passRealName = (request_id: string, shop_id: number, name: string, number: string) =>
  take(api.POST('/v1/employments/real-name', { body: { request_id, shop_id, name, number } }))
