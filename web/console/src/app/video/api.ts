import { api, take, type RoomVideo } from '@liveshelf/api'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

type Id = MaybeRefOrGetter<number>
const at = (shop_id: number, room_id: number) => ({ params: { path: { shop_id, room_id } } })

/** The figures are a second old at the sender's side; a desk that asks every two seconds is honest enough. */
export function useRoomVideo(shopId: Id, roomId: Id) {
  return useQuery({
    queryKey: ['room-video', shopId, roomId],
    refetchInterval: 2_000,
    queryFn: (): Promise<RoomVideo> => take(api.GET('/v1/shops/{shop_id}/rooms/{room_id}/video', at(toValue(shopId), toValue(roomId)))),
  })
}

export function usePushAddress(shopId: Id, roomId: Id) {
  return useQuery({
    queryKey: ['push-address', shopId, roomId],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/rooms/{room_id}/video/push-address', at(toValue(shopId), toValue(roomId)))),
  })
}

export const renewPushAddress = (shopId: number, roomId: number, request_id: string) =>
  take(api.POST('/v1/shops/{shop_id}/rooms/{room_id}/video/push-address/renew', { ...at(shopId, roomId), body: { request_id } }))

export const setDelay = (shopId: number, roomId: number, delay_s: number) =>
  take(api.PUT('/v1/shops/{shop_id}/rooms/{room_id}/video/delay', { ...at(shopId, roomId), body: { delay_s } }))

export function useRecordings(shopId: Id, cursor: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['recordings', shopId, cursor],
    placeholderData: keepPreviousData,
    queryFn: () =>
      take(api.GET('/v1/shops/{shop_id}/recordings', { params: { path: { shop_id: toValue(shopId) }, query: { cursor: toValue(cursor) || undefined } } })),
  })
}

export function useReplay(shopId: Id, roomId: Id) {
  return useQuery({
    queryKey: ['replay', shopId, roomId],
    // A broadcast that is over does not change, but how its public replay stands does.
    staleTime: 5_000,
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/rooms/{room_id}/video/replay', at(toValue(shopId), toValue(roomId)))),
  })
}
