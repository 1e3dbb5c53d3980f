import { api, take, type MyClaims, type StoreComment, type StoreRoom, type Ticket } from '@liveshelf/api'

export interface RoomRef {
  shop_id: number
  room_id: number
}

const at = (path: RoomRef) => ({ params: { path } })

export const fetchRoom = (room: RoomRef): Promise<StoreRoom> =>
  take(api.GET('/v1/storefront/{shop_id}/rooms/{room_id}', at(room)))

export const fetchTicket = (room: RoomRef): Promise<Ticket> =>
  take(api.POST('/v1/storefront/{shop_id}/rooms/{room_id}/ticket', at(room)))

export const sendComment = (room: RoomRef, requestId: string, text: string): Promise<StoreComment> =>
  take(
    api.POST('/v1/storefront/{shop_id}/rooms/{room_id}/comments', { ...at(room), body: { request_id: requestId, text } }),
  )

export const fetchFollowing = (shop_id: number) =>
  take(api.GET('/v1/storefront/{shop_id}/following', { params: { path: { shop_id } } }))

export const follow = (room: RoomRef) => take(api.PUT('/v1/storefront/{shop_id}/rooms/{room_id}/following', at(room)))

export const unfollow = (shop_id: number) =>
  take(api.DELETE('/v1/storefront/{shop_id}/following', { params: { path: { shop_id } } }))

export const sendLikes = (room: RoomRef, count: number): Promise<unknown> =>
  take(api.POST('/v1/storefront/{shop_id}/rooms/{room_id}/likes', { ...at(room), body: { count } }))

export const fetchClaims = (room: RoomRef): Promise<MyClaims> =>
  take(api.GET('/v1/storefront/{shop_id}/rooms/{room_id}/claims', at(room)))
