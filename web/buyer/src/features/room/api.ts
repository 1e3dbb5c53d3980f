import { api, ApiProblem, take, type MyClaims, type SeenReplay, type StoreComment, type StoreRoom, type Ticket } from '@liveshelf/api'
import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'

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

export interface SeenAgain {
  replay: SeenReplay
  /** The shelf of today: what it says now is what checkout takes. */
  room: StoreRoom
}

/** A broadcast to be seen again, or `null` while there is none for us: it waits for its review, was closed or is gone. */
export function useReplay(shopId: MaybeRefOrGetter<number>, roomId: MaybeRefOrGetter<number>, wanted: () => boolean = () => true) {
  return useQuery({
    queryKey: ['replay', shopId, roomId],
    enabled: computed(wanted),
    queryFn: async (): Promise<SeenAgain | null> => {
      const path = { shop_id: toValue(shopId), room_id: toValue(roomId) }
      try {
        const room = await fetchRoom(path)
        if (!room.has_replay) return null
        return { room, replay: await take(api.GET('/v1/storefront/{shop_id}/rooms/{room_id}/replay', at(path))) }
      } catch (error) {
        if (error instanceof ApiProblem && error.status === 404) return null
        throw error
      }
    },
  })
}
