import { api, take, type Desk, type PlanDraft, type Priced, type RoomDraft, type RoomSettingsDraft, type RoomState } from '@liveshelf/api'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

type Id = MaybeRefOrGetter<number>

export function useRooms(shopId: Id, filter: MaybeRefOrGetter<{ state?: RoomState; cursor?: string }>) {
  return useQuery({
    queryKey: ['rooms', shopId, filter],
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/rooms', { params: { path: { shop_id: toValue(shopId) }, query: toValue(filter) } })),
  })
}

const at = (shop_id: number, room_id: number) => ({ params: { path: { shop_id, room_id } } })
const on = (shop_id: number, room_id: number, goods_id: number) => ({ params: { path: { shop_id, room_id, goods_id } } })

export function useRoom(shopId: Id, roomId: Id) {
  return useQuery({
    queryKey: ['rooms', shopId, 'one', roomId],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/rooms/{room_id}', at(toValue(shopId), toValue(roomId)))),
  })
}

export const createRoom = (shop_id: number, request_id: string, draft: RoomDraft) =>
  take(api.POST('/v1/shops/{shop_id}/rooms', { params: { path: { shop_id } }, body: { ...draft, request_id } }))

export const editRoom = (shopId: number, roomId: number, body: Partial<RoomDraft>) =>
  take(api.PATCH('/v1/shops/{shop_id}/rooms/{room_id}', { ...at(shopId, roomId), body }))

export const deleteRoom = (shopId: number, roomId: number) =>
  take(api.DELETE('/v1/shops/{shop_id}/rooms/{room_id}', at(shopId, roomId)))

export function useSales(shopId: Id, roomId: Id) {
  return useQuery({
    queryKey: ['rooms', shopId, 'sales', roomId],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/rooms/{room_id}/sales', at(toValue(shopId), toValue(roomId)))),
  })
}

export const purgeSales = (shopId: number, roomId: number) =>
  take(api.DELETE('/v1/shops/{shop_id}/rooms/{room_id}/sales', at(shopId, roomId)))

export type Verb = 'start' | 'pause' | 'resume' | 'end'

export const moveRoom = (shopId: number, roomId: number, verb: Verb) =>
  take(api.POST(`/v1/shops/{shop_id}/rooms/{room_id}/${verb}`, at(shopId, roomId)))

export const deskKey = (shopId: number, roomId: number) => ['desk', shopId, roomId] as const

export const readDesk = (shopId: number, roomId: number): Promise<Desk> =>
  take(api.GET('/v1/shops/{shop_id}/rooms/{room_id}/desk', at(shopId, roomId)))

export const roomTicket = (shopId: number, roomId: number) =>
  take(api.POST('/v1/shops/{shop_id}/rooms/{room_id}/ticket', at(shopId, roomId)))

export const putOnShelf = (shopId: number, roomId: number, goods_ids: number[]) =>
  take(api.POST('/v1/shops/{shop_id}/rooms/{room_id}/shelf', { ...at(shopId, roomId), body: { goods_ids } }))

export const takeOffShelf = (shopId: number, roomId: number, goodsId: number) =>
  take(api.DELETE('/v1/shops/{shop_id}/rooms/{room_id}/shelf/{goods_id}', on(shopId, roomId, goodsId)))

export const sortShelf = (shopId: number, roomId: number, goods_ids: number[], seq: number | null) =>
  take(api.PUT('/v1/shops/{shop_id}/rooms/{room_id}/shelf/order', { ...at(shopId, roomId), body: { goods_ids, seq } }))

export const muteRoom = (shopId: number, roomId: number, mute: boolean) =>
  mute
    ? take(api.POST('/v1/shops/{shop_id}/rooms/{room_id}/mute', at(shopId, roomId)))
    : take(api.DELETE('/v1/shops/{shop_id}/rooms/{room_id}/mute', at(shopId, roomId)))

export const setOnSale = (shopId: number, roomId: number, goodsId: number, on_sale: boolean) =>
  take(api.PUT('/v1/shops/{shop_id}/rooms/{room_id}/shelf/{goods_id}/on-sale', { ...on(shopId, roomId, goodsId), body: { on_sale } }))

export const pushGoods = (shopId: number, roomId: number, goodsId: number) =>
  take(api.POST('/v1/shops/{shop_id}/rooms/{room_id}/shelf/{goods_id}/push', on(shopId, roomId, goodsId)))

export const unpushOne = (shopId: number, roomId: number, goodsId: number) =>
  take(api.DELETE('/v1/shops/{shop_id}/rooms/{room_id}/shelf/{goods_id}/push', on(shopId, roomId, goodsId)))

export const addToQuickBar = (shopId: number, roomId: number, goods_ids: number[]) =>
  take(api.POST('/v1/shops/{shop_id}/rooms/{room_id}/quick-bar', { ...at(shopId, roomId), body: { goods_ids } }))

export const takeOutOfQuickBar = (shopId: number, roomId: number, goodsId: number) =>
  take(api.DELETE('/v1/shops/{shop_id}/rooms/{room_id}/quick-bar/{goods_id}', on(shopId, roomId, goodsId)))

export const sortQuickBar = (shopId: number, roomId: number, goods_ids: number[]) =>
  take(api.PUT('/v1/shops/{shop_id}/rooms/{room_id}/quick-bar/order', { ...at(shopId, roomId), body: { goods_ids } }))

export const unpush = (shopId: number, roomId: number) =>
  take(api.DELETE('/v1/shops/{shop_id}/rooms/{room_id}/push', at(shopId, roomId)))

export const say = (shopId: number, roomId: number, request_id: string, text: string) =>
  take(api.POST('/v1/shops/{shop_id}/rooms/{room_id}/comments', { ...at(shopId, roomId), body: { request_id, text } }))

export const hideComment = (shop_id: number, room_id: number, comment_id: string) =>
  take(api.DELETE('/v1/shops/{shop_id}/rooms/{room_id}/comments/{comment_id}', { params: { path: { shop_id, room_id, comment_id } } }))

/** What may go on a shelf: only what was approved. */
export function useApproved(shopId: Id, filter: MaybeRefOrGetter<{ q?: string; cursor?: string }>) {
  return useQuery({
    queryKey: ['goods', shopId, 'approved', filter],
    placeholderData: keepPreviousData,
    queryFn: () =>
      take(
        api.GET('/v1/shops/{shop_id}/goods', {
          params: { path: { shop_id: toValue(shopId) }, query: { ...toValue(filter), state: 'approved' } },
        }),
      ),
  })
}

/** The check before the start, what is planned for the goods, and how the legal role watches. */
export const usePreflight = (shopId: Id, roomId: Id) =>
  useQuery({
    queryKey: ['preflight', shopId, roomId],
    refetchInterval: 10_000,
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/rooms/{room_id}/preflight', at(toValue(shopId), toValue(roomId)))),
  })

export const overridePreflight = (shopId: number, roomId: number, request_id: string, findings: string[], reason: string) =>
  take(api.POST('/v1/shops/{shop_id}/rooms/{room_id}/preflight/override', { ...at(shopId, roomId), body: { request_id, findings, reason } }))

export const usePlans = (shopId: Id, roomId: Id) =>
  useQuery({
    queryKey: ['room-plans', shopId, roomId],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/rooms/{room_id}/plans', at(toValue(shopId), toValue(roomId)))),
  })

export const putPlan = (shopId: number, roomId: number, goodsId: number, body: PlanDraft) =>
  take(api.PUT('/v1/shops/{shop_id}/rooms/{room_id}/plans/{goods_id}', { ...on(shopId, roomId, goodsId), body }))

export const useWatch = (shopId: Id, roomId: Id) =>
  useQuery({
    queryKey: ['room-watch', shopId, roomId],
    refetchInterval: 10_000,
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/rooms/{room_id}/watch', at(toValue(shopId), toValue(roomId)))),
  })

export const setImportant = (shopId: number, roomId: number, important: boolean) =>
  take(api.PUT('/v1/shops/{shop_id}/rooms/{room_id}/important', { ...at(shopId, roomId), body: { important } }))

export const beAtDesk = (shopId: number, roomId: number, place: string) =>
  take(api.POST('/v1/shops/{shop_id}/rooms/{room_id}/desk/presence', { ...at(shopId, roomId), body: { place } }))

export const useRoomSettings = (shopId: Id) =>
  useQuery({
    queryKey: ['room-settings', shopId],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/room-settings', { params: { path: { shop_id: toValue(shopId) } } })),
  })

export const putRoomSettings = (shop_id: number, request_id: string, body: RoomSettingsDraft) =>
  take(api.PUT('/v1/shops/{shop_id}/room-settings', { params: { path: { shop_id } }, body: { ...body, request_id } }))

export const pinNotice = (shopId: number, roomId: number, text: string) =>
  take(api.PUT('/v1/shops/{shop_id}/rooms/{room_id}/notice', { ...at(shopId, roomId), body: { text } }))

export const muteAuthor = (shop_id: number, room_id: number, comment_id: string, everywhere: boolean) =>
  take(api.POST('/v1/shops/{shop_id}/rooms/{room_id}/comments/{comment_id}/mute', { params: { path: { shop_id, room_id, comment_id } }, body: { everywhere } }))

export const useMutes = (shopId: Id, roomId: Id) =>
  useQuery({
    queryKey: ['room-mutes', shopId, roomId],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/rooms/{room_id}/mutes', at(toValue(shopId), toValue(roomId)))),
  })

export const unmute = (shop_id: number, room_id: number, customer_id: string) =>
  take(api.DELETE('/v1/shops/{shop_id}/rooms/{room_id}/mutes/{customer_id}', { params: { path: { shop_id, room_id, customer_id } } }))

/** Prices change at once, also of what was approved; buyers' pages follow within a second. */
export const changePrice = (shop_id: number, goods_id: number, body: Priced) =>
  take(api.PATCH('/v1/shops/{shop_id}/goods/{goods_id}', { params: { path: { shop_id, goods_id } }, body }))

export const questionsKey = (shopId: number, roomId: number) => ['questions', shopId, roomId] as const

export const readQuestions = (shopId: number, roomId: number) =>
  take(api.GET('/v1/shops/{shop_id}/rooms/{room_id}/questions', at(shopId, roomId)))

export const answerQuestion = (shop_id: number, room_id: number, comment_id: string, body: { request_id: string; text: string }) =>
  take(api.POST('/v1/shops/{shop_id}/rooms/{room_id}/questions/{comment_id}/answer', { params: { path: { shop_id, room_id, comment_id } }, body }))

export const claimsKey = (shopId: number, roomId: number) => ['claims', shopId, roomId] as const

export const readClaims = (shopId: number, roomId: number) =>
  take(api.GET('/v1/shops/{shop_id}/rooms/{room_id}/claims', at(shopId, roomId)))

export const readFunnel = (shopId: number, roomId: number) =>
  take(api.GET('/v1/shops/{shop_id}/rooms/{room_id}/claims/funnel', at(shopId, roomId)))

export const openClaims = (shopId: number, roomId: number, body: { request_id: string; goods_id: number; keyword: string; buyer_max: number; hold_s: number }) =>
  take(api.POST('/v1/shops/{shop_id}/rooms/{room_id}/claims', { ...at(shopId, roomId), body }))

export const closeClaims = (shop_id: number, room_id: number, round_id: string, request_id: string) =>
  take(api.POST('/v1/shops/{shop_id}/rooms/{room_id}/claims/{round_id}/close', { params: { path: { shop_id, room_id, round_id } }, body: { request_id } }))
