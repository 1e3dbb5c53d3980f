/**
 * The values of the native API, one interface per noun.
 *
 * Ids that pass 2^53 are strings; instants are ISO 8601 in UTC; money is an integer number of fen.
 */
export interface Page<T> {
  items: T[]
  next: string | null
  total: number | null
}

export type Permission =
  | 'goods.read' | 'goods.write' | 'stock.write'
  | 'rooms.read' | 'rooms.write' | 'rooms.live'
  | 'orders.read' | 'developer.read' | 'developer.write'
  | 'shop.write' | 'trail.read' | 'reviews.read' | 'reviews.decide'

export interface Membership {
  shop_id: number
  name: string
  role: 'owner' | 'operator' | 'anchor' | 'support' | 'developer'
  permissions: Permission[]
}

export interface Session {
  account_id: string
  username: string
  display_name: string
  locale: string
  shops: Membership[]
  platform_permissions: Permission[]
}

export interface Modes {
  demo: boolean
  simulated_payment: boolean
  development_review: boolean
  movable_clock: boolean
}

export interface System {
  version: string
  modes: Modes
  now: string
  gateway_url: string
}

export interface Spec {
  name: string
  value: string
}

export type PriceType = 1 | 2 | 3

/** 1: one price. 2: from price to price2. 3: price was, price2 is. */
export interface Priced {
  price_type: PriceType
  price_fen: number
  price2_fen: number | null
}

export interface Media {
  media_id: string
  url: string
  width: number
  height: number
  bytes: number
}

export interface Sku {
  sku_id: number
  specs: Spec[]
  price_fen: number
  list_price_fen: number | null
  on_hand: number
  held: number
  available: number
}

export interface SkuDraft {
  sku_id?: number
  specs: Spec[]
  price_fen: number
  list_price_fen: number | null
  stock?: number
}

export interface ProductDraft {
  title: string
  description: string
  pictures: string[]
  tags: string[]
  skus: SkuDraft[]
}

export interface Picture {
  media_id: string
  url: string
}

export type GoodsState = 'unaudited' | 'in_audit' | 'approved' | 'rejected'

export interface GoodsBrief extends Priced {
  goods_id: number
  name: string
  cover_url: string
  state: GoodsState
}

export interface Product {
  product_id: number
  title: string
  description: string
  pictures: Picture[]
  tags: string[]
  skus: Sku[]
  card: GoodsBrief | null
  created_at: string
  updated_at: string
  version: number
}

export interface CardProposal extends Priced {
  name: string
  cover_media_id: string
  cover_url: string
  url: string
}

export interface StockMove {
  at: string
  kind: string
  quantity: number
  on_hand: number
  reason: string
  by: string
}

export interface Goods extends GoodsBrief {
  url: string
  origin: 'api' | 'console'
  audit_id: string | null
  reject_reasons: string[]
  product_id: number | null
  available: number | null
  created_at: string
  state_entered_at: string
  may: ('edit' | 'edit_price' | 'submit' | 'withdraw' | 'delete')[]
}

export interface GoodsMove {
  at: string
  /** Null for the first line. */
  from: string | null
  to: string
  by: string
  note: string
  development: boolean
}

export type RoomState = 'scheduled' | 'live' | 'paused' | 'abnormal' | 'ended' | 'expired' | 'banned'

export interface RoomBrief {
  room_id: number
  name: string
  state: RoomState
  starts_at: string
  cover_url: string | null
  viewers: number
}

export interface Room extends RoomBrief {
  ends_at: string
  started_at: string | null
  ended_at: string | null
  anchor_name: string
  anchor_wechat: string
  share_url: string | null
  feeds_url: string | null
  shelf_count: number
  may: ('start' | 'pause' | 'resume' | 'end' | 'edit' | 'delete' | 'shelf')[]
  buyer_url: string
}

export interface RoomDraft {
  name: string
  starts_at: string
  ends_at: string
  anchor_name: string
  anchor_wechat?: string
  cover_media_id?: string
  share_media_id?: string
  feeds_media_id?: string
}

export interface ShelfItem extends Priced {
  goods_id: number
  product_id: number | null
  sku_ids: number[]
  name: string
  cover_url: string
  on_sale: boolean
  position: number
  available: number
  sold: number
}

export interface Comment {
  comment_id: string
  by: { kind: 'buyer' | 'staff'; name: string }
  text: string
  at: string
}

export interface Figures {
  viewers: number
  orders: number
  paid_fen: number
  units: number
}

export interface Desk {
  room: Room
  seq: number
  pushed_goods_id: number | null
  shelf: ShelfItem[]
  comments: Comment[]
  figures: Figures
}

export interface Ticket {
  url: string
  ticket: string
  expires_at: string
}

export type OrderState = 'to_pay' | 'to_ship' | 'closed'

export interface OrderLine {
  sku_id: number
  product_id: number
  goods_id: number | null
  title: string
  specs: Spec[]
  picture_url: string
  price_fen: number
  quantity: number
  amount_fen: number
}

export interface Order {
  order_id: string
  state: OrderState
  total_fen: number
  lines: OrderLine[]
  room_id: number | null
  customer: { customer_id: number; name: string }
  created_at: string
  expires_at: string | null
  paid_at: string | null
  closed_at: string | null
  close_reason: string | null
  payment: { provider: string; state: string; payment_id: string } | null
  timeline: { at: string; by: string; what: string }[]
  may: ('pay' | 'cancel')[]
}

export interface Workbench {
  to_do: { kind: string; count: number; due_at: string | null }[]
  today: { orders: number; paid_fen: number; units: number } | null
  watching: number
  live_rooms: RoomBrief[]
}

export interface Developer {
  appid: string
  secret_hint: string
  base_url: string
  pages: string[]
  quotas: { key: string; limit: number | null; used: number }[]
  sandbox: boolean
}

export interface FaultDraft {
  api: string
  kind: 'errcode' | 'delay' | 'lost'
  errcode: number | null
  delay_ms: number | null
  remaining: number | null
  until: string | null
}

export interface Fault extends FaultDraft {
  fault_id: string
}

export interface WireCall {
  rid: string
  at: string
  method: string
  path: string
  api: string
  errcode: number
  ms: number
  request: string
  response: string
}

export interface TrailRow {
  at: string
  by: string
  action: string
  subject: string
  /** Null once erased. */
  detail: Record<string, unknown> | null
}

export interface ReviewCase {
  audit_id: string
  shop: { shop_id: number; name: string }
  goods: Goods
  state: 'machine' | 'waiting' | 'approved' | 'rejected' | 'withdrawn'
  submitted_at: string
  waiting_since: string | null
  machine: {
    verdict: string
    findings: { rule: string; field: string; text: string; start: number; end: number; zh: string; en: string }[]
  } | null
  verdict: { by: string; at: string; reasons: string[]; note: string; development: boolean } | null
  previous: (Priced & { name: string; cover_url: string }) | null
}

export interface StoreGoods extends Priced {
  goods_id: number
  name: string
  cover_url: string
  available: number
  live_room_id: number | null
}

export interface Storefront {
  shop_id: number
  name: string
  rooms: RoomBrief[]
  goods: StoreGoods[]
}

export interface StoreSku {
  sku_id: number
  specs: Spec[]
  price_fen: number
  list_price_fen: number | null
  available: number
}

export interface StoreGoodsPage extends StoreGoods {
  title: string
  description: string
  pictures: string[]
  skus: StoreSku[]
  tags: string[]
}

export interface Me {
  customer_id: number
  name: string
  kind: 'guest' | 'member'
  demo_buyers_available: boolean
}

export interface DemoBuyer {
  customer_id: number
  name: string
}

export interface StoreRoom {
  room: RoomBrief & { anchor_name: string; share_url: string | null }
  seq: number
  pushed_goods_id: number | null
  shelf: ShelfItem[]
  comments: Comment[]
  viewers: number
}

export interface OrderDraft {
  request_id: string
  lines: { sku_id: number; quantity: number }[]
  room_id?: number
  goods_id?: number
  expected_total_fen: number
}

export interface Payment {
  payment_id: string
  pay_url: string
}
