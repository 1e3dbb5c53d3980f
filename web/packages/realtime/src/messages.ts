import type { Comment, Priced, RoomState, ShelfItem } from '@liveshelf/api'

/** A numbered change of the room; the number has no holes, so a hole means a message was lost. */
export type RoomChange = { seq: number } & (
  | { type: 'shelf_added'; items: ShelfItem[] }
  | { type: 'shelf_removed'; goods_ids: number[] }
  | { type: 'shelf_sorted'; goods_ids: number[]; numbers?: number[] }
  | { type: 'on_sale_changed'; goods_id: number; on_sale: boolean; item: ShelfItem | null }
  | { type: 'goods_pushed'; goods_id: number | null; goods_ids?: number[] }
  | { type: 'quick_bar_changed'; goods_ids: number[] }
  | { type: 'notice_changed'; text: string }
  | ({ type: 'price_changed'; goods_id: number } & Priced)
  | { type: 'state_changed'; state: RoomState }
  | { type: 'switches_changed'; muted: boolean; close_kf: boolean; close_replay: boolean; is_feeds_public: boolean }
  | { type: 'picture_changed'; has_picture: boolean }
  | { type: 'room_changed'; name: string; anchor_name: string; is_ad: boolean }
  | { type: 'room_deleted' }
)

export interface StockItem {
  goods_id: number
  available: number
  sold: number
  version: number
}

/** What the gateway sends, by event name. Only `room` is numbered; the rest is the latest value of something. */
export type RoomMessage =
  | { event: 'hello'; data: { seq: number; resumed: boolean } }
  | { event: 'resync'; data: object }
  | { event: 'room'; data: RoomChange }
  | { event: 'stock'; data: { items: StockItem[] } }
  | { event: 'comments'; data: { items: Comment[]; hidden: string[] } }
  | { event: 'likes'; data: { count: number } }
  | { event: 'viewers'; data: { count: number } }

export const EVENT_NAMES = ['hello', 'resync', 'room', 'stock', 'comments', 'likes', 'viewers'] as const
