import { api, take, type AnnouncementDraft } from '@liveshelf/api'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

const PAGE = 20
const FRESH_MS = 300_000

export function useAnnouncements(pack: MaybeRefOrGetter<string>, cursor: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['announcements', pack, cursor],
    placeholderData: keepPreviousData,
    queryFn: () => take(api.GET('/v1/announcements', { params: { query: { pack: toValue(pack) || undefined, cursor: toValue(cursor) || undefined, limit: PAGE } } })),
  })
}

export function useRules() {
  return useQuery({ queryKey: ['announcements', 'rules'], queryFn: () => take(api.GET('/v1/announcements/rules')) })
}

/** What stands between this person and their work. */
export function usePending(enabled: MaybeRefOrGetter<boolean>) {
  return useQuery({ queryKey: ['announcements', 'pending'], staleTime: FRESH_MS, enabled, queryFn: () => take(api.GET('/v1/announcements/pending')) })
}

export const publish = (request_id: string, draft: AnnouncementDraft) => take(api.POST('/v1/announcements', { body: { request_id, ...draft } }))

export const acknowledge = (announcement_id: string) => take(api.POST('/v1/announcements/{announcement_id}/acknowledge', { params: { path: { announcement_id } } }))
