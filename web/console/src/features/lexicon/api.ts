import { api, take, type EntryDraft, type TriedField } from '@liveshelf/api'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

/** Whose lexicon: a shop's, or with null the platform's. */
export type Desk = number | null

export const STALE = [['lexicon'], ['lexicon-hits']] as const

export function useLexicon(desk: MaybeRefOrGetter<Desk>, cursor: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['lexicon', desk, cursor],
    placeholderData: keepPreviousData,
    queryFn: () => {
      const shop_id = toValue(desk)
      const query = { cursor: toValue(cursor) || undefined }
      return shop_id === null
        ? take(api.GET('/v1/lexicon', { params: { query } }))
        : take(api.GET('/v1/shops/{shop_id}/lexicon', { params: { path: { shop_id }, query } }))
    },
  })
}

export function useHits(shop: MaybeRefOrGetter<number>) {
  return useQuery({
    queryKey: ['lexicon-hits', shop],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/lexicon/hits', { params: { path: { shop_id: toValue(shop) } } })),
  })
}

export function addEntry(desk: Desk, request_id: string, draft: EntryDraft) {
  const body = { request_id, ...draft }
  return desk === null
    ? take(api.POST('/v1/lexicon/entries', { body }))
    : take(api.POST('/v1/shops/{shop_id}/lexicon/entries', { params: { path: { shop_id: desk } }, body }))
}

export function withdrawEntry(desk: Desk, entry_id: string) {
  return desk === null
    ? take(api.DELETE('/v1/lexicon/entries/{entry_id}', { params: { path: { entry_id } } }))
    : take(api.DELETE('/v1/shops/{shop_id}/lexicon/entries/{entry_id}', { params: { path: { shop_id: desk, entry_id } } }))
}

export function tryText(desk: Desk, text: string, field: TriedField) {
  const body = { text, field }
  return desk === null
    ? take(api.POST('/v1/lexicon/try', { body }))
    : take(api.POST('/v1/shops/{shop_id}/lexicon/try', { params: { path: { shop_id: desk } }, body }))
}
