import { ApiProblem, type Comment, type Desk, type ShelfItem } from '@liveshelf/api'
import { announce, moved, toast } from '@liveshelf/kit/console'
import { RoomStream, type Connection, type RoomView } from '@liveshelf/realtime'
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, nextTick, onScopeDispose, ref, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import {
  addToQuickBar, deskKey, hideComment, moveRoom, muteAuthor, muteRoom, pinNotice, pushGoods, putOnShelf, readDesk, roomTicket, setOnSale, sortQuickBar, sortShelf,
  takeOffShelf, takeOutOfQuickBar, unpush, unpushOne, type Verb,
} from './api'
import { useSerial } from './serial'

/** Figures are not in the stream; they are read again this often. */
const FIGURES_MS = 4_000
/** What the stream brings is drawn this often at most: a talkative room must not keep the operator's page busy. */
const DRAW_MS = 100

const NONE: readonly number[] = []

/** The live desk of one room: what is true (from the stream) and what can be done (one thing after the other). */
export function useDesk(shopId: number, roomId: number) {
  const { t } = useI18n()
  const client = useQueryClient()
  const key = deskKey(shopId, roomId)
  const query = useQuery({ queryKey: key, queryFn: () => readDesk(shopId, roomId), refetchInterval: FIGURES_MS })
  const view = shallowRef<RoomView | null>(null)
  const connection = ref<Connection>('connecting')
  const serial = useSerial()
  let sortedAt = 0
  /** The order being sent, so that a dropped row doesn't jump back until the answer comes. */
  const sorting = ref<number[] | null>(null)

  let waiting: RoomView | null = null
  let drawnAt = 0
  let timer: ReturnType<typeof setTimeout> | null = null
  function draw(next: RoomView): void {
    waiting = next
    timer ??= setTimeout(flush, Math.max(0, drawnAt + DRAW_MS - performance.now()))
  }
  function flush(): void {
    view.value = waiting
    // Counted from when it is drawn, however long that took.
    void nextTick(() => {
      drawnAt = performance.now()
      timer = null
      if (waiting !== null && waiting !== view.value) draw(waiting)
    })
  }

  const stream = new RoomStream({
    audience: 'staff',
    snapshot: () => client.fetchQuery({ queryKey: key, queryFn: () => readDesk(shopId, roomId), staleTime: 0 }),
    ticket: () => roomTicket(shopId, roomId),
    onView: (next, why) => {
      draw(next)
      if (why?.event === 'room' && why.data.type === 'state_changed') void client.invalidateQueries({ queryKey: key })
    },
    onConnection: (state) => (connection.value = state),
    onError: (error) => error instanceof ApiProblem && [401, 403, 404].includes(error.status),
  })
  onScopeDispose(() => {
    stream.close()
    if (timer !== null) clearTimeout(timer)
  })

  const shelf = computed<ShelfItem[]>(() => {
    const items = view.value?.shelf ?? []
    const order = sorting.value
    return order ? [...items].sort((a, b) => order.indexOf(a.goods_id) - order.indexOf(b.goods_id)) : items
  })
  const named = (ids: readonly number[]) => ids.flatMap((id) => shelf.value.find((item) => item.goods_id === id) ?? [])
  // Of their own, so that what only comments changed draws no shelf.
  const pushedIds = computed(() => view.value?.pushed_goods_ids ?? NONE)
  const quickIds = computed(() => view.value?.quick_goods_ids ?? NONE)
  /** What is pushed, the newest first, and the quick bar in its order. */
  const pushed = computed(() => named(pushedIds.value))
  const quick = computed(() => named(quickIds.value))
  const may = (verb: string) => (query.data.value?.room.may as string[] | undefined)?.includes(verb) ?? false
  const nameOf = (goodsId: number) => shelf.value.find((item) => item.goods_id === goodsId)?.name ?? ''

  function adopt(desk: Desk): void {
    client.setQueryData(key, desk)
    stream.adopt(desk)
  }

  function move(from: number, to: number): void {
    const order = moved(shelf.value, from, to).map((item) => item.goods_id)
    if (to < 0 || to >= order.length || from === to) return
    sorting.value = order
    const seen = view.value?.seq ?? null
    announce(t('rooms.said.moved', { name: nameOf(order[to]!), at: to + 1 }))
    // Our own orders that are still on their way were seen by us; anybody else's was not.
    const sorted = () => sortShelf(shopId, roomId, order, seen === null ? null : Math.max(seen, sortedAt))
    void serial.run(sorted, (desk) => ((sortedAt = desk.seq), adopt(desk))).then(() => {
      if (sorting.value === order) sorting.value = null
    })
  }

  function moveQuick(from: number, to: number): void {
    const order = moved(quick.value, from, to).map((item) => item.goods_id)
    if (from !== to && to >= 0 && to < order.length) void serial.run(() => sortQuickBar(shopId, roomId, order), adopt)
  }

  async function verb(what: Verb): Promise<void> {
    await serial.run(
      () => moveRoom(shopId, roomId, what),
      () => {
        toast.done(t(`rooms.said.${what}`))
        for (const stale of [key, ['rooms'], ['workbench']]) void client.invalidateQueries({ queryKey: [...stale] })
      },
    )
  }

  function pinText(text: string): Promise<void> {
    return serial.run(() => pinNotice(shopId, roomId, text), (desk) => {
      adopt(desk)
      announce(t(text ? 'rooms.said.pinned' : 'rooms.said.unpinned'))
    })
  }

  return {
    query, view, connection, shelf, pushedIds, quickIds, pushed, quick, may, move, moveQuick, verb, busy: serial.busy,
    explain: (goodsId: number) =>
      serial.run(() => pushGoods(shopId, roomId, goodsId), (desk) => {
        adopt(desk)
        announce(t('rooms.said.pushed', { name: nameOf(goodsId) }))
      }),
    unpush: (goodsId?: number) =>
      serial.run(() => (goodsId === undefined ? unpush(shopId, roomId) : unpushOne(shopId, roomId, goodsId)), adopt),
    toggleQuick: (item: ShelfItem) => {
      const there = quick.value.some((one) => one.goods_id === item.goods_id)
      const work = () => (there ? takeOutOfQuickBar(shopId, roomId, item.goods_id) : addToQuickBar(shopId, roomId, [item.goods_id]))
      return serial.run(work, (desk) => {
        adopt(desk)
        announce(t(there ? 'rooms.said.quick_out' : 'rooms.said.quick_in', { name: item.name }))
      })
    },
    toggle: (item: ShelfItem) =>
      serial.run(() => setOnSale(shopId, roomId, item.goods_id, !item.on_sale), (desk) => {
        adopt(desk)
        announce(t(item.on_sale ? 'rooms.said.off_sale' : 'rooms.said.on_sale', { name: item.name }))
      }),
    add: (goodsIds: number[]) =>
      serial.run(() => putOnShelf(shopId, roomId, goodsIds), (desk) => {
        adopt(desk)
        toast.done(t('rooms.said.added', { count: goodsIds.length }))
      }),
    remove: (item: ShelfItem) =>
      serial.run(() => takeOffShelf(shopId, roomId, item.goods_id), (desk) => {
        adopt(desk)
        toast.done(t('rooms.said.removed', { name: item.name }))
      }),
    hide: (commentId: string) =>
      serial.run(() => hideComment(shopId, roomId, commentId), () => {
        stream.take({ event: 'comments', data: { items: [], hidden: [commentId] } })
        announce(t('rooms.said.hidden'))
      }),
    mute: (comment: Comment, everywhere: boolean) =>
      serial.run(() => muteAuthor(shopId, roomId, comment.comment_id, everywhere), () => {
        toast.done(t(everywhere ? 'rooms.said.banned' : 'rooms.said.muted', { name: comment.by.name }))
        void client.invalidateQueries({ queryKey: ['room-mutes'] })
      }),
    muteAll: (mute: boolean) =>
      serial.run(() => muteRoom(shopId, roomId, mute), () => announce(t(mute ? 'rooms.said.muted_all' : 'rooms.said.unmuted_all'))),
    pinNotice: pinText,
    /** Pin this, or take it away where it is what is pinned. */
    togglePin: (text: string) => pinText(text === view.value?.notice ? '' : text),
    unpinNotice: () => pinText(''),
    take: stream.take.bind(stream),
  }
}

export type DeskRoom = ReturnType<typeof useDesk>
