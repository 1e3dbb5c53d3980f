import type { GoodsState, OrderState, RoomState } from '@liveshelf/api'

export type Tone = 'good' | 'warn' | 'bad' | 'brand' | 'quiet'

/** The colour that goes with the word of a state; which states exist and follow is the server's. */
export const GOODS_TONE: Record<GoodsState, Tone> = { unaudited: 'quiet', in_audit: 'warn', approved: 'good', rejected: 'bad' }
export const ROOM_TONE: Record<RoomState, Tone> = {
  scheduled: 'brand', live: 'bad', paused: 'warn', abnormal: 'warn', ended: 'quiet', expired: 'quiet', banned: 'bad',
}
export const ORDER_TONE: Record<OrderState, Tone> = {
  to_pay: 'warn', to_ship: 'brand', partly_shipped: 'brand', to_receive: 'good', done: 'quiet', closed: 'quiet',
}
