import { ApiProblem, type Comment, type RoomBrief, type ShelfItem, type StoreRoom } from '@liveshelf/api'
import { announce } from '@liveshelf/kit/buyer'
import { RoomStream, type Connection, type RoomMessage, type RoomView } from '@liveshelf/realtime'
import { computed, onScopeDispose, ref, shallowRef, type ComputedRef, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { keepLive } from '../../app/goods'
import { ensureMe } from '../../app/me'
import { fetchRoom, fetchTicket, type RoomRef } from './api'

type Card = RoomBrief & { anchor_name: string; share_url: string | null }

export interface LiveRoom {
  /** What a snapshot says once and events never change, such as the cover. */
  card: Ref<Card | undefined>
  contact: Ref<StoreRoom['contact']>
  view: Ref<RoomView | undefined>
  /** Where the moving picture is, while there is one. */
  videoUrl: Ref<string>
  connection: Ref<Connection>
  /** What is pushed, the newest first. */
  pinned: ComputedRef<ShelfItem[]>
  /** The quick bar, without what can't be bought now. */
  quick: ComputedRef<ShelfItem[]>
  showOwn: (comment: Comment) => void
  /** For the four faces. */
  query: { data: Ref<unknown>; error: Ref<unknown>; isFetching: Ref<boolean>; refetch: () => void }
}

/** What no waiting mends: the room is not there, or not for us. */
const FINAL = new Set([403, 404, 410])
const isFinal = (error: unknown) => error instanceof ApiProblem && FINAL.has(error.status)

/** The room, kept true for as long as the page shows it. */
export function useLiveRoom(room: RoomRef): LiveRoom {
  const { t } = useI18n()
  const card = shallowRef<Card>()
  const view = shallowRef<RoomView>()
  const contact = shallowRef<StoreRoom['contact']>(null)
  const videoUrl = ref('')
  const error = shallowRef<unknown>(null)
  const connection = ref<Connection>('connecting')
  const named = (ids: readonly number[] | undefined): ShelfItem[] =>
    (ids ?? []).flatMap((id) => view.value?.shelf.find((item) => item.goods_id === id) ?? [])
  const pinned = computed(() => named(view.value?.pushed_goods_ids))
  const quick = computed(() => named(view.value?.quick_goods_ids))

  function say(message: RoomMessage | null): void {
    if (message?.event !== 'room') return
    const front = pinned.value[0]
    if (message.data.type === 'goods_pushed' && front) announce(t('room.pushed', { name: front.name }))
    if (message.data.type === 'state_changed') announce(t(`room.state.${message.data.state}`))
  }

  function open(): RoomStream {
    error.value = null
    return new RoomStream({
      audience: 'buyer',
      snapshot: async () => {
        const snapshot = await fetchRoom(room)
        card.value = snapshot.room
        contact.value = snapshot.contact
        videoUrl.value = snapshot.video_url
        return snapshot
      },
      // A viewer is somebody: a guest's cookie first, so that distinct viewers can be counted.
      ticket: () => ensureMe(room.shop_id).then(() => fetchTicket(room)),
      onView: (next, why) => {
        view.value = next
        keepLive(next.shelf)
        say(why)
      },
      onConnection: (state) => {
        connection.value = state
        if (state === 'live') error.value = null
      },
      onError: (problem) => {
        error.value = problem
        return isFinal(problem)
      },
    })
  }

  let stream = open()
  onScopeDispose(() => {
    stream.close()
    keepLive([])
  })

  function refetch(): void {
    stream.close()
    stream = open()
  }

  const showOwn = (comment: Comment) => stream.take({ event: 'comments', data: { items: [comment], hidden: [] } })
  // Once there is a room to see, the line's troubles are told in its head and not by a face.
  const shownError = computed(() => (view.value ? null : error.value))
  const isFetching = computed(() => connection.value === 'connecting')
  const query = { data: view, error: shownError, isFetching, refetch }
  return { card, contact, view, videoUrl, connection, pinned, quick, showOwn, query }
}
