import type { Comment, RoomState, ShelfItem, StoreRoom, Desk } from '@liveshelf/api'
import type { RoomChange, RoomMessage, StockItem } from './messages'

/** A phone keeps scrolling back to here; more would only cost memory in a long broadcast. */
export const COMMENTS_MAX = 200

export interface RoomView {
  seq: number
  name: string
  anchor_name: string
  state: RoomState
  pushed_goods_id: number | null
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
    state: room.state,
    pushed_goods_id: snapshot.pushed_goods_id,
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
      return without(view, change.goods_ids)
    case 'shelf_sorted':
      return { ...view, shelf: sorted(view.shelf, change.goods_ids) }
    case 'on_sale_changed':
      return onSale(view, change, audience)
    case 'goods_pushed':
      return { ...view, pushed_goods_id: change.goods_id }
    case 'price_changed': {
      const { price_type, price_fen, price2_fen } = change
      return { ...view, shelf: edit(view.shelf, change.goods_id, { price_type, price_fen, price2_fen }) }
    }
    case 'state_changed':
      return { ...view, state: change.state }
    case 'room_changed':
      return { ...view, name: change.name, anchor_name: change.anchor_name }
    case 'room_deleted':
      // For whoever still looks at it, a room that is gone is a room that is over.
      return { ...view, state: 'ended', pushed_goods_id: null, shelf: [] }
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

function without(view: RoomView, goodsIds: readonly number[]): RoomView {
  const gone = new Set(goodsIds)
  const pushed = view.pushed_goods_id !== null && gone.has(view.pushed_goods_id) ? null : view.pushed_goods_id
  return { ...view, shelf: view.shelf.filter((item) => !gone.has(item.goods_id)), pushed_goods_id: pushed }
}

function sorted(shelf: readonly ShelfItem[], goodsIds: readonly number[]): ShelfItem[] {
  const place = new Map(goodsIds.map((goodsId, at) => [goodsId, at + 1]))
  return inOrder(shelf.map((item) => ({ ...item, position: place.get(item.goods_id) ?? item.position })))
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
