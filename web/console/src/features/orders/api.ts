import { api, fileBody, take, type AbnormalKind, type Batch, type Delivery, type Flag, type OrderState, type RowState } from '@liveshelf/api'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

type Id = MaybeRefOrGetter<number>
type Text = MaybeRefOrGetter<string>

export interface OrderFilter {
  state?: OrderState
  q?: string
  flag?: Flag
  since?: string
  until?: string
  cursor?: string
}

const FRESH_MS = 15_000
/** A batch at work is looked at often; one that rests is not. */
const BUSY_MS = 1_000
const NEVER_CHANGES_MS = 60 * 60_000

const inShop = (shop_id: number) => ({ path: { shop_id } })
const ofOrder = (shop_id: number, order_id: string) => ({ params: { path: { shop_id, order_id } } })
const ofBatch = (shop_id: number, batch_id: string) => ({ params: { path: { shop_id, batch_id } } })

export function useOrders(shopId: Id, filter: MaybeRefOrGetter<OrderFilter>) {
  return useQuery({
    queryKey: ['orders', shopId, filter],
    placeholderData: keepPreviousData,
    refetchInterval: FRESH_MS,
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/orders', { params: { ...inShop(toValue(shopId)), query: toValue(filter) } })),
  })
}

export function useOrder(shopId: Id, orderId: Text) {
  return useQuery({
    queryKey: ['orders', shopId, 'one', orderId],
    refetchInterval: FRESH_MS,
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/orders/{order_id}', ofOrder(toValue(shopId), toValue(orderId)))),
  })
}

export function useCarriers() {
  return useQuery({ queryKey: ['carriers'], staleTime: NEVER_CHANGES_MS, queryFn: () => take(api.GET('/v1/carriers')) })
}

export function useAbnormalKinds() {
  return useQuery({ queryKey: ['abnormal-kinds'], staleTime: NEVER_CHANGES_MS, queryFn: () => take(api.GET('/v1/abnormal-kinds')) })
}

export function useAbnormal(shopId: Id, filter: MaybeRefOrGetter<{ kind?: AbnormalKind; cursor?: string }>) {
  return useQuery({
    queryKey: ['orders', shopId, 'abnormal', filter],
    placeholderData: keepPreviousData,
    refetchInterval: FRESH_MS,
    queryFn: () =>
      take(api.GET('/v1/shops/{shop_id}/abnormal-orders', { params: { ...inShop(toValue(shopId)), query: toValue(filter) } })),
  })
}

export function useAddressRequests(shopId: Id, cursor: Text) {
  return useQuery({
    queryKey: ['orders', shopId, 'addresses', cursor],
    placeholderData: keepPreviousData,
    refetchInterval: FRESH_MS,
    queryFn: () => {
      const query = toValue(cursor) ? { cursor: toValue(cursor) } : {}
      return take(api.GET('/v1/shops/{shop_id}/address-requests', { params: { ...inShop(toValue(shopId)), query } }))
    },
  })
}

export interface ParcelDraft {
  carrier: string
  tracking_no: string
  how?: 'ship' | 'pack'
  lines?: { sku_id: number; quantity: number }[]
}

export const sendParcel = (shopId: number, orderId: string, request_id: string, draft: ParcelDraft) =>
  take(api.POST('/v1/shops/{shop_id}/orders/{order_id}/parcels', { ...ofOrder(shopId, orderId), body: { how: 'ship', ...draft, request_id } }))

const ofParcel = (shop_id: number, order_id: string, parcel_id: string) => ({ params: { path: { shop_id, order_id, parcel_id } } })

export const handOver = (shopId: number, orderId: string, parcelId: string, request_id: string) =>
  take(
    api.POST('/v1/shops/{shop_id}/orders/{order_id}/parcels/{parcel_id}/hand-over', {
      ...ofParcel(shopId, orderId, parcelId),
      body: { request_id },
    }),
  )

export const correctLabel = (shopId: number, orderId: string, parcelId: string, request_id: string, label: ParcelDraft) =>
  take(
    api.POST('/v1/shops/{shop_id}/orders/{order_id}/parcels/{parcel_id}/label', {
      ...ofParcel(shopId, orderId, parcelId),
      body: { request_id, carrier: label.carrier, tracking_no: label.tracking_no },
    }),
  )

export const unpack = (shopId: number, orderId: string, parcelId: string, request_id: string) =>
  take(
    api.POST('/v1/shops/{shop_id}/orders/{order_id}/parcels/{parcel_id}/unpack', {
      ...ofParcel(shopId, orderId, parcelId),
      body: { request_id },
    }),
  )

export const changePrice = (
  shopId: number,
  orderId: string,
  body: { request_id: string; seen_fen: number; reason: string; total_fen?: number; lines?: { sku_id: number; amount_fen: number }[] },
) => take(api.POST('/v1/shops/{shop_id}/orders/{order_id}/price', { ...ofOrder(shopId, orderId), body }))

export const saveRemark = (shopId: number, orderId: string, body: { request_id: string; remark: string; flag: Flag | null }) =>
  take(api.POST('/v1/shops/{shop_id}/orders/{order_id}/remark', { ...ofOrder(shopId, orderId), body }))

export const flagOrder = (shopId: number, orderId: string, body: { request_id: string; kind: AbnormalKind; note: string }) =>
  take(api.POST('/v1/shops/{shop_id}/orders/{order_id}/cases', { ...ofOrder(shopId, orderId), body }))

export const settleCase = (shop_id: number, order_id: string, case_id: string, body: { request_id: string; answer: string }) =>
  take(
    api.POST('/v1/shops/{shop_id}/orders/{order_id}/cases/{case_id}/settle', { params: { path: { shop_id, order_id, case_id } }, body }),
  )

export const giveCodes = (shopId: number, orderId: string, request_id: string) =>
  take(api.POST('/v1/shops/{shop_id}/orders/{order_id}/codes', { ...ofOrder(shopId, orderId), body: { request_id } }))

const ofRequest = (shop_id: number, request_id: string) => ({ params: { path: { shop_id, request_id } } })

export const seeWhole = (shopId: number, requestId: string, request_id: string) =>
  take(api.POST('/v1/shops/{shop_id}/address-requests/{request_id}/whole', { ...ofRequest(shopId, requestId), body: { request_id } }))

export const approveAddress = (shopId: number, requestId: string, request_id: string) =>
  take(api.POST('/v1/shops/{shop_id}/address-requests/{request_id}/approve', { ...ofRequest(shopId, requestId), body: { request_id } }))

export const refuseAddress = (shopId: number, requestId: string, body: { request_id: string; reason: string }) =>
  take(api.POST('/v1/shops/{shop_id}/address-requests/{request_id}/refuse', { ...ofRequest(shopId, requestId), body }))

/** What goes onto paper; `whole` is written into the trail, order by order. */
export const printSheets = (
  shop_id: number,
  body: { order_ids?: string[]; state?: OrderState; q?: string; flag?: Flag; whole: boolean },
) => take(api.POST('/v1/shops/{shop_id}/orders/sheets', { params: { path: { shop_id } }, body }))

export const exportOrders = (
  shop_id: number,
  body: { request_id: string; language: 'zh' | 'en'; state: OrderState | null; q: string; room_id: number | null; whole: boolean },
) => take(api.POST('/v1/shops/{shop_id}/orders/exports', { params: { path: { shop_id } }, body }))

type BatchKind = 'orders.ship' | 'orders.export' | 'codes.import' | 'stock.counts' | 'stock.export' | 'rooms.bind' | 'goods.library'

export function useBatches(shopId: Id, kind: MaybeRefOrGetter<BatchKind>, cursor: Text) {
  return useQuery({
    queryKey: ['batches', shopId, kind, cursor],
    placeholderData: keepPreviousData,
    refetchInterval: (query) => (query.state.data?.items.some(atWork) ? BUSY_MS : FRESH_MS),
    queryFn: () => {
      const query = { kind: toValue(kind), ...(toValue(cursor) ? { cursor: toValue(cursor) } : {}) }
      return take(api.GET('/v1/shops/{shop_id}/batches', { params: { ...inShop(toValue(shopId)), query } }))
    },
  })
}

export const atWork = (batch: Batch) => batch.state === 'rehearsing' || batch.state === 'working'

export function useBatch(shopId: Id, batchId: Text) {
  return useQuery({
    queryKey: ['batches', shopId, 'one', batchId],
    refetchInterval: (query) => (query.state.data && !atWork(query.state.data) ? false : BUSY_MS),
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/batches/{batch_id}', ofBatch(toValue(shopId), toValue(batchId)))),
  })
}

export function useBatchRows(shopId: Id, batchId: Text, filter: MaybeRefOrGetter<{ state?: RowState; cursor?: string }>, busy: MaybeRefOrGetter<boolean>) {
  return useQuery({
    queryKey: ['batches', shopId, 'rows', batchId, filter],
    placeholderData: keepPreviousData,
    refetchInterval: () => (toValue(busy) ? BUSY_MS : false),
    queryFn: () =>
      take(
        api.GET('/v1/shops/{shop_id}/batches/{batch_id}/rows', {
          params: { path: { shop_id: toValue(shopId), batch_id: toValue(batchId) }, query: toValue(filter) },
        }),
      ),
  })
}

/** Where an order goes, with what tells who it is left out. */
export function useOrderDelivery(shopId: MaybeRefOrGetter<number>, orderId: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['orders', shopId, 'delivery', orderId],
    queryFn: () =>
      take(
        api.GET('/v1/shops/{shop_id}/orders/{order_id}/delivery', {
          params: { path: { shop_id: toValue(shopId), order_id: toValue(orderId) } },
        }),
      ),
  })
}

/** The same, whole. The look is written into the trail. */
export const revealDelivery = (shopId: number, orderId: string): Promise<Delivery> =>
  take(
    api.POST('/v1/shops/{shop_id}/orders/{order_id}/delivery/reveal', {
      params: { path: { shop_id: shopId, order_id: orderId } },
    }),
  )

export const sendFile = (shop_id: number, kind: string, file: File) =>
  take(
    api.POST('/v1/shops/{shop_id}/batches/{kind}', { params: { path: { shop_id, kind } }, ...fileBody(file) }) as Promise<{
      data?: Batch
      response: Response
    }>,
  )

/** Goods for the shelf of one room. */
export const sendToRoom = (shop_id: number, room_id: number, file: File) =>
  take(
    api.POST('/v1/shops/{shop_id}/rooms/{room_id}/shelf/file', { params: { path: { shop_id, room_id } }, ...fileBody(file) }) as Promise<{
      data?: Batch
      response: Response
    }>,
  )

export const startBatch = (shopId: number, batchId: string, request_id: string) =>
  take(api.POST('/v1/shops/{shop_id}/batches/{batch_id}/start', { ...ofBatch(shopId, batchId), body: { request_id } }))

export const stopBatch = (shopId: number, batchId: string, request_id: string) =>
  take(api.POST('/v1/shops/{shop_id}/batches/{batch_id}/stop', { ...ofBatch(shopId, batchId), body: { request_id } }))

/** Files are fetched by the browser itself, with the session's cookie. */
export const fileOf = (shopId: number, path: string, lang: string) => `/v1/shops/${shopId}/batches/${path}?lang=${lang}`
