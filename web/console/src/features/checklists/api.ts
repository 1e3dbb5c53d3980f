import { api, take } from '@liveshelf/api'
import { useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

type Id = MaybeRefOrGetter<number>

export function useTemplates(shopId: Id) {
  return useQuery({
    queryKey: ['checklists', shopId],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/checklists', { params: { path: { shop_id: toValue(shopId) } } })),
  })
}

export const setTemplate = (shop_id: number, category: number, request_id: string, items: string[]) =>
  take(api.PUT('/v1/shops/{shop_id}/checklists/{category}', { params: { path: { shop_id, category } }, body: { request_id, items } }))

export function useRoomChecklist(shopId: Id, roomId: Id) {
  return useQuery({
    queryKey: ['room-checklist', shopId, roomId],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/rooms/{room_id}/checklist', { params: { path: { shop_id: toValue(shopId), room_id: toValue(roomId) } } })),
  })
}

export const signItems = (shop_id: number, room_id: number, request_id: string, item_ids: string[]) =>
  take(api.POST('/v1/shops/{shop_id}/rooms/{room_id}/checklist/sign', { params: { path: { shop_id, room_id } }, body: { request_id, item_ids } }))
