import { api, take } from '@liveshelf/api'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

export type Tab = 'waiting' | 'decided'

const FRESH_MS = 10_000
const PAGE = 50

export function useQueue(tab: MaybeRefOrGetter<Tab>, cursor: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['reviews', tab, cursor],
    placeholderData: keepPreviousData,
    refetchInterval: FRESH_MS,
    queryFn: () =>
      take(api.GET('/v1/reviews', { params: { query: { state: toValue(tab), cursor: toValue(cursor) || undefined, limit: PAGE } } })),
  })
}

export function useCase(auditId: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['reviews', 'one', auditId],
    queryFn: () => take(api.GET('/v1/reviews/{audit_id}', { params: { path: { audit_id: toValue(auditId) } } })),
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
