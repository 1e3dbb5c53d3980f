import type { Comment, RoomState, ShelfItem, StoreRoom, Desk } from '@liveshelf/api'
import type { RoomChange, RoomMessage, StockItem } from './messages'

/** A phone keeps scrolling back to here; more would only cost memory in a long broadcast. */
export const COMMENTS_MAX = 200

export interface RoomView {
  seq: number
  name: string
  anchor_name: string
  /** The room is advertising, and says so. */
  is_ad: boolean
  state: RoomState
  /** Viewers may not comment for now. */
  muted: boolean
  /** The entrance to customer service is closed. */
  close_kf: boolean
  /** The newest first: it stands in front. */
  pushed_goods_ids: number[]
  /** In order; what is off sale keeps its place and is not among a buyer's shelf. */
  quick_goods_ids: number[]
  /** The pinned comment; empty while there is none. */
  notice: string
  /** A moving picture is sent in this broadcast. */
  has_picture: boolean
  shelf: ShelfItem[]
  comments: Comment[]
  viewers: number
  likes: number
  /** The newest stock version seen of each goods, so that a late message can't bring an older number back. */
  versions: Record<number, number>
  /** Numbers were missed: the view is no longer true and a fresh snapshot is needed. */
  stale: boolean
}

/** Buyers are shown only what is on sale; the desk shows all of the shelf. */
export type Audience = 'buyer' | 'staff'

/** The view of a snapshot. `before` hands over what a snapshot doesn't carry. */
export function viewOf(snapshot: StoreRoom | Desk, before?: RoomView): RoomView {
  const { room } = snapshot
  return {
    seq: snapshot.seq,
    name: room.name,
    anchor_name: room.anchor_name,
    is_ad: room.is_ad,
    state: room.state,
    muted: room.muted,
    close_kf: room.close_kf,
    pushed_goods_ids: snapshot.pushed_goods_ids,
    quick_goods_ids: snapshot.quick_goods_ids,
    notice: snapshot.notice,
    has_picture: snapshot.has_picture,
    shelf: inOrder(snapshot.shelf),
    comments: snapshot.comments.slice(-COMMENTS_MAX),
    viewers: 'figures' in snapshot ? snapshot.figures.viewers : snapshot.viewers,
    likes: before?.likes ?? 0,
    versions: before?.versions ?? {},
    stale: false,
  }
}

/** The next view. Pure: the same view and message always give the same answer, and the old view is untouched. */
export function reduce(view: RoomView, message: RoomMessage, audience: Audience): RoomView {
  switch (message.event) {
    case 'hello':
      // Resumed: what was missed follows. Otherwise only an equal number proves that nothing was.
      return message.data.resumed || message.data.seq === view.seq ? view : { ...view, stale: true }
    case 'resync':
      return { ...view, stale: true }
    case 'room':
      return numbered(view, message.data, audience)
    case 'stock':
      return stock(view, message.data.items)
    case 'comments':
      return comments(view, message.data.items, message.data.hidden)
    case 'likes':
      return { ...view, likes: message.data.count }
    case 'viewers':
      return { ...view, viewers: message.data.count }
  }
}

function numbered(view: RoomView, change: RoomChange, audience: Audience): RoomView {
  // Repeats are normal after a reconnect: the ring is replayed from the number we named.
  if (change.seq <= view.seq || view.stale) return view
  if (change.seq > view.seq + 1) return { ...view, stale: true }
  return { ...apply(view, change, audience), seq: change.seq }
}

function apply(view: RoomView, change: RoomChange, audience: Audience): RoomView {
  switch (change.type) {
    case 'shelf_added':
      return { ...view, shelf: put(view.shelf, change.items.filter((item) => shown(item, audience))) }
    case 'shelf_removed':
      return { ...without(view, change.goods_ids), quick_goods_ids: except(view.quick_goods_ids, change.goods_ids) }
    case 'shelf_sorted':
      return { ...view, shelf: sorted(view.shelf, change.goods_ids, change.numbers) }
    case 'on_sale_changed':
      return onSale(view, change, audience)
    case 'goods_pushed':
      return { ...view, pushed_goods_ids: change.goods_ids ?? (change.goods_id === null ? [] : [change.goods_id]) }
    case 'quick_bar_changed':
      return { ...view, quick_goods_ids: change.goods_ids }
    case 'notice_changed':
      return { ...view, notice: change.text }
    case 'price_changed': {
      const { price_type, price_fen, price2_fen } = change
      return { ...view, shelf: edit(view.shelf, change.goods_id, { price_type, price_fen, price2_fen }) }
    }
    case 'state_changed':
      return { ...view, state: change.state }
    case 'picture_changed':
      return { ...view, has_picture: change.has_picture }
    case 'room_changed':
      return { ...view, name: change.name, anchor_name: change.anchor_name, is_ad: change.is_ad }
    case 'switches_changed':
      return { ...view, muted: change.muted, close_kf: change.close_kf }
    case 'room_deleted':
      // For whoever still looks at it, a room that is gone is a room that is over.
      return { ...view, state: 'ended', pushed_goods_ids: [], quick_goods_ids: [], shelf: [] }
    default:
      // A newer server may number kinds this page doesn't know; the number still counts.
      return view
  }
}

function shown(item: ShelfItem, audience: Audience): boolean {
  return audience === 'staff' || item.on_sale
}

function inOrder(shelf: readonly ShelfItem[]): ShelfItem[] {
  return [...shelf].sort((a, b) => a.position - b.position || a.goods_id - b.goods_id)
}

function put(shelf: readonly ShelfItem[], items: readonly ShelfItem[]): ShelfItem[] {
  const replaced = new Set(items.map((item) => item.goods_id))
  return inOrder([...shelf.filter((item) => !replaced.has(item.goods_id)), ...items])
}

function edit(shelf: readonly ShelfItem[], goodsId: number, change: Partial<ShelfItem>): ShelfItem[] {
  return shelf.map((item) => (item.goods_id === goodsId ? { ...item, ...change } : item))
}

function except(ids: readonly number[], gone: readonly number[]): number[] {
  return ids.filter((id) => !gone.includes(id))
}

function without(view: RoomView, goodsIds: readonly number[]): RoomView {
  const gone = new Set(goodsIds)
  const shelf = view.shelf.filter((item) => !gone.has(item.goods_id))
  return { ...view, shelf, pushed_goods_ids: except(view.pushed_goods_ids, goodsIds) }
}

function sorted(shelf: readonly ShelfItem[], goodsIds: readonly number[], numbers: readonly number[] = []): ShelfItem[] {
  const place = new Map(goodsIds.map((goodsId, at) => [goodsId, at]))
  return inOrder(
    shelf.map((item) => {
      const at = place.get(item.goods_id)
      return at === undefined ? item : { ...item, position: at + 1, number: numbers[at] ?? item.number }
    }),
  )
}

function onSale(view: RoomView, change: Extract<RoomChange, { type: 'on_sale_changed' }>, audience: Audience): RoomView {
  if (audience === 'buyer' && !change.on_sale) return without(view, [change.goods_id])
  if (change.item) return { ...view, shelf: put(view.shelf, [change.item]) }
  return { ...view, shelf: edit(view.shelf, change.goods_id, { on_sale: change.on_sale }) }
}

function stock(view: RoomView, items: readonly StockItem[]): RoomView {
  const news = items.filter((item) => item.version > (view.versions[item.goods_id] ?? -1))
  if (news.length === 0) return view
  const latest = new Map(news.map((item) => [item.goods_id, item]))
  const versions = { ...view.versions }
  for (const item of news) versions[item.goods_id] = item.version
  const shelf = view.shelf.map((item) => {
    const now = latest.get(item.goods_id)
    return now ? { ...item, available: now.available, sold: now.sold } : item
  })
  return { ...view, shelf, versions }
}

function comments(view: RoomView, items: readonly Comment[], hidden: readonly string[]): RoomView {
  const known = new Set(view.comments.map((comment) => comment.comment_id))
  const gone = new Set(hidden)
  const all = [...view.comments, ...items.filter((comment) => !known.has(comment.comment_id))]
  return { ...view, comments: all.filter((comment) => !gone.has(comment.comment_id)).slice(-COMMENTS_MAX) }
}
