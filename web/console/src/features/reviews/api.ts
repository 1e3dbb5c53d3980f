import { api, take, type ReviewKind } from '@liveshelf/api'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

export type Tab = 'waiting' | 'mine' | 'decided'

export const KINDS: readonly ReviewKind[] = ['goods', 'shop', 'paper', 'permission', 'room', 'comment', 'replay', 'frame', 'appeal']
export const kindOf = (text: string): ReviewKind | undefined => KINDS.find((one) => one === text)

const FRESH_MS = 10_000
const PAGE = 50

export function useQueue(tab: MaybeRefOrGetter<Tab>, kind: MaybeRefOrGetter<string>, cursor: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['reviews', tab, kind, cursor],
    placeholderData: keepPreviousData,
    refetchInterval: FRESH_MS,
    queryFn: () =>
      take(api.GET('/v1/reviews', { params: { query: { state: toValue(tab), kind: kindOf(toValue(kind)), cursor: toValue(cursor) || undefined, limit: PAGE } } })),
  })
}

export function useCase(auditId: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['reviews', 'one', auditId],
    queryFn: () => take(api.GET('/v1/reviews/{audit_id}', { params: { path: { audit_id: toValue(auditId) } } })),
  })
}

/** Its links are good for two hours. */
export function useCaseReplay(auditId: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['review-replay', auditId],
    staleTime: Infinity,
    queryFn: () => take(api.GET('/v1/reviews/{audit_id}/replay', { params: { path: { audit_id: toValue(auditId) } } })),
  })
}

/** Years whose holidays nobody has entered: limits that reach there are reckoned with weekends alone. */
export function useUnknownYears() {
  return useQuery({ queryKey: ['calendar'], staleTime: FRESH_MS, queryFn: () => take(api.GET('/v1/calendar')) })
}

export function useReasons() {
  return useQuery({ queryKey: ['reviews', 'reasons'], staleTime: Infinity, queryFn: () => take(api.GET('/v1/reviews/reasons')) })
}

const at = (audit_id: string) => ({ params: { path: { audit_id } } })
const noted = (note: string) => (note.trim() ? { note: note.trim() } : {})

export const approve = (auditId: string, request_id: string, note: string) =>
  take(api.POST('/v1/reviews/{audit_id}/approve', { ...at(auditId), body: { request_id, ...noted(note) } }))

export const reject = (auditId: string, request_id: string, reasons: string[], note: string) =>
  take(api.POST('/v1/reviews/{audit_id}/reject', { ...at(auditId), body: { request_id, reasons, ...noted(note) } }))

export const decideMany = (request_id: string, audit_ids: string[], passed: boolean, reasons: string[], note: string) =>
  take(api.POST('/v1/reviews/verdicts', { body: { request_id, audit_ids, passed, reasons, ...noted(note) } }))

export const takeCase = (auditId: string, request_id: string) => take(api.POST('/v1/reviews/{audit_id}/take', { ...at(auditId), body: { request_id } }))

export const takeOver = (auditId: string, request_id: string) => take(api.POST('/v1/reviews/{audit_id}/take-over', { ...at(auditId), body: { request_id } }))

export const release = (auditId: string, request_id: string) => take(api.POST('/v1/reviews/{audit_id}/release', { ...at(auditId), body: { request_id } }))

export const handOver = (auditId: string, request_id: string, to: string) =>
  take(api.POST('/v1/reviews/{audit_id}/hand-over', { ...at(auditId), body: { request_id, to } }))

export function useReviewers(kind: MaybeRefOrGetter<ReviewKind>) {
  return useQuery({
    queryKey: ['reviewers', kind],
    staleTime: FRESH_MS,
    queryFn: () => take(api.GET('/v1/reviews/reviewers', { params: { query: { kind: toValue(kind) } } })),
  })
}

export function useOwnCases(shopId: MaybeRefOrGetter<number>, wanted: () => { kind: string; cursor: string }) {
  return useQuery({
    queryKey: ['own-reviews', shopId, wanted],
    placeholderData: keepPreviousData,
    queryFn: () => {
      const { kind, cursor } = wanted()
      return take(
        api.GET('/v1/shops/{shop_id}/reviews', {
          params: { path: { shop_id: toValue(shopId) }, query: { kind: kindOf(kind), cursor: cursor || undefined, limit: PAGE } },
        }),
      )
    },
  })
}

export const appeal = (shop_id: number, audit_id: string, request_id: string, text: string) =>
  take(api.POST('/v1/shops/{shop_id}/reviews/{audit_id}/appeal', { params: { path: { shop_id, audit_id } }, body: { request_id, text } }))
