import { api, take, type RoomCrew, type RoomPeople, type RoomSwitches } from '@liveshelf/api'
import { useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

type Id = MaybeRefOrGetter<number>
const of = (shop_id: number) => ({ params: { path: { shop_id } } })
const at = (shop_id: number, room_id: number) => ({ params: { path: { shop_id, room_id } } })
const who = (shop_id: number, wechat_id: string) => ({ params: { path: { shop_id, wechat_id } } })

export function useRoomPeople(shopId: Id) {
  return useQuery({
    queryKey: ['room-people', shopId],
    queryFn: (): Promise<RoomPeople> => take(api.GET('/v1/shops/{shop_id}/room-people', of(toValue(shopId)))),
  })
}

export const addPerson = (shopId: number, request_id: string, person: { wechat_id: string; nickname: string; roles: number[] }) =>
  take(api.POST('/v1/shops/{shop_id}/room-people', { ...of(shopId), body: { ...person, request_id } }))

export interface PersonChange {
  nickname?: string
  identity?: 'unknown' | 'verified' | 'unverified'
  account_id?: string
  roles?: number[]
}

export const editPerson = (shopId: number, request_id: string, wechatId: string, change: PersonChange) =>
  take(api.PATCH('/v1/shops/{shop_id}/room-people/{wechat_id}', { ...who(shopId, wechatId), body: { ...change, request_id } }))

export const forgetPerson = (shopId: number, wechatId: string) =>
  take(api.DELETE('/v1/shops/{shop_id}/room-people/{wechat_id}', who(shopId, wechatId)))

/** The accounts that a person can be linked to; only who manages people may see them. */
export function useAccounts(shopId: Id, enabled: MaybeRefOrGetter<boolean>) {
  return useQuery({
    queryKey: ['people', shopId],
    enabled,
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/people', of(toValue(shopId)))),
  })
}

export function useContact(shopId: Id) {
  return useQuery({
    queryKey: ['room-contact', shopId],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/room-contact', of(toValue(shopId)))),
  })
}

export const saveContact = (shopId: number, request_id: string, contact: { url: string; phone: string; hours: string }) =>
  take(api.PUT('/v1/shops/{shop_id}/room-contact', { ...of(shopId), body: { ...contact, request_id } }))

export function useRoom(shopId: Id, roomId: Id) {
  return useQuery({
    queryKey: ['rooms', shopId, 'one', roomId],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/rooms/{room_id}', at(toValue(shopId), toValue(roomId)))),
  })
}

export function useCrew(shopId: Id, roomId: Id) {
  return useQuery({
    queryKey: ['crew', shopId, roomId],
    queryFn: (): Promise<RoomCrew> => take(api.GET('/v1/shops/{shop_id}/rooms/{room_id}/crew', at(toValue(shopId), toValue(roomId)))),
  })
}

export const addAssistant = (shopId: number, roomId: number, request_id: string, wechat_id: string, nickname: string) =>
  take(api.POST('/v1/shops/{shop_id}/rooms/{room_id}/crew/assistants', { ...at(shopId, roomId), body: { request_id, wechat_id, nickname } }))

export const removeAssistant = (shop_id: number, room_id: number, wechat_id: string) =>
  take(api.DELETE('/v1/shops/{shop_id}/rooms/{room_id}/crew/assistants/{wechat_id}', { params: { path: { shop_id, room_id, wechat_id } } }))

export const setSubAnchor = (shopId: number, roomId: number, request_id: string, wechat_id: string) =>
  take(api.PUT('/v1/shops/{shop_id}/rooms/{room_id}/crew/sub-anchor', { ...at(shopId, roomId), body: { request_id, wechat_id } }))

export const switchRoom = (shopId: number, roomId: number, request_id: string, change: Omit<RoomSwitches, 'request_id'>) =>
  take(api.PUT('/v1/shops/{shop_id}/rooms/{room_id}/switches', { ...at(shopId, roomId), body: { ...change, request_id } }))

export const muteRoom = (shopId: number, roomId: number, muted: boolean) =>
  muted
    ? take(api.POST('/v1/shops/{shop_id}/rooms/{room_id}/mute', at(shopId, roomId)))
    : take(api.DELETE('/v1/shops/{shop_id}/rooms/{room_id}/mute', at(shopId, roomId)))

export function useStartNotices(shopId: Id, roomId: Id) {
  return useQuery({
    queryKey: ['start-notices', shopId, roomId],
    refetchInterval: 5_000,
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/rooms/{room_id}/start-notices', at(toValue(shopId), toValue(roomId)))),
  })
}

export const announceRoom = (shopId: number, roomId: number, request_id: string) =>
  take(api.POST('/v1/shops/{shop_id}/rooms/{room_id}/start-notices', { ...at(shopId, roomId), body: { request_id } }))
