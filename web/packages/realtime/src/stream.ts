import type { Desk, StoreRoom, Ticket } from '@liveshelf/api'
import { EVENT_NAMES, type RoomMessage } from './messages'
import { reduce, viewOf, type Audience, type RoomView } from './reduce'

export type Connection = 'connecting' | 'live' | 'waiting' | 'closed'

export interface RoomStreamOptions {
  audience: Audience
  snapshot: () => Promise<StoreRoom | Desk>
  ticket: () => Promise<Ticket>
  onView: (view: RoomView, why: RoomMessage | null) => void
  onConnection?: (state: Connection) => void
  /** A failure that waiting can't mend (the room is gone, say): return true to stop trying. */
  onError?: (error: unknown) => boolean
  makeSource?: (url: string) => EventSource
  random?: () => number
}

const WAIT_FIRST_MS = 500
const WAIT_MAX_MS = 15_000
/** A resync that doesn't help must not become a request storm. */
const RESYNC_PAUSE_MS = 1_000
/** Phones freeze hidden pages; after this long the socket is likely dead without having said so. */
const HIDDEN_MAX_MS = 30_000
/** What may pile up while a snapshot is on its way. More than this, and the next snapshot is the better way. */
const BUFFER_MAX = 500

/**
 * Keeps one view of a room true: snapshot first, then the stream, with a new ticket for every connection.
 *
 * The browser's own reconnect is not used: it would come back with the old ticket, which is good for one
 * minute only, and without jitter, so that a restarted gateway would meet all viewers at once.
 */
export class RoomStream {
  #view: RoomView | null = null
  #source: EventSource | null = null
  #buffer: RoomMessage[] | null = null
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | null = null
  #round = 0
  #closed = false
  #hiddenAt: number | null = null

  constructor(private readonly options: RoomStreamOptions) {
    globalThis.document?.addEventListener('visibilitychange', this.#onVisibility)
    globalThis.addEventListener?.('online', this.#onOnline)
    void this.#connect()
  }

  close(): void {
    this.#closed = true
    this.#drop()
    globalThis.document?.removeEventListener('visibilitychange', this.#onVisibility)
    globalThis.removeEventListener?.('online', this.#onOnline)
    this.options.onConnection?.('closed')
  }

  /** Takes in a message that came another way, such as our own comment in the answer of its POST. */
  take(message: RoomMessage): void {
    this.#receive(message)
  }

  /** Takes over a snapshot that a write answered with, unless the stream is already further. */
  adopt(snapshot: StoreRoom | Desk): void {
    if (this.#view === null || this.#view.stale || snapshot.seq < this.#view.seq) return
    this.#view = viewOf(snapshot, this.#view)
    this.options.onView(this.#view, null)
  }

  readonly #onVisibility = (): void => {
    if (document.hidden) {
      this.#hiddenAt = Date.now()
      return
    }
    const away = this.#hiddenAt === null ? 0 : Date.now() - this.#hiddenAt
    this.#hiddenAt = null
    if (away > HIDDEN_MAX_MS || this.#timer !== null) this.#reconnectNow()
  }

  readonly #onOnline = (): void => this.#reconnectNow()

  #reconnectNow(): void {
    if (this.#closed) return
    this.#failures = 0
    void this.#connect()
  }

  #drop(): void {
    // A new round makes every answer still under way belong to the past.
    this.#round += 1
    this.#source?.close()
    this.#source = null
    this.#buffer = null
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  async #connect(): Promise<void> {
    this.#drop()
    const round = this.#round
    this.options.onConnection?.('connecting')
    try {
      if (this.#view === null || this.#view.stale) await this.#refresh(round)
      const ticket = await this.options.ticket()
      if (round !== this.#round || this.#view === null) return
      this.#listen(this.#address(ticket, this.#view.seq), round)
    } catch (error) {
      this.#failed(error, round)
    }
  }

  #address(ticket: Ticket, since: number): string {
    const query = new URLSearchParams({ ticket: ticket.ticket, since: String(since) })
    return `${ticket.url}?${query.toString()}`
  }

  #listen(url: string, round: number): void {
    const source = this.options.makeSource?.(url) ?? new EventSource(url)
    this.#source = source
    for (const event of EVENT_NAMES) {
      source.addEventListener(event, (raw) => {
        if (round !== this.#round) return
        if (event === 'hello') this.#connected()
        this.#receive({ event, data: JSON.parse((raw as MessageEvent<string>).data) as never })
      })
    }
    source.addEventListener('error', () => this.#failed(null, round))
  }

  #connected(): void {
    this.#failures = 0
    this.options.onConnection?.('live')
  }

  #failed(error: unknown, round: number): void {
    if (round !== this.#round || this.#closed) return
    this.#drop()
    if (error !== null && this.options.onError?.(error)) return this.close()
    this.options.onConnection?.('waiting')
    const ceiling = Math.min(WAIT_MAX_MS, WAIT_FIRST_MS * 2 ** this.#failures)
    this.#failures += 1
    const wait = ceiling * (0.5 + (this.options.random ?? Math.random)() / 2)
    this.#timer = setTimeout(() => void this.#connect(), wait)
  }

  #receive(message: RoomMessage): void {
    if (this.#view === null) return
    if (this.#buffer !== null) {
      if (this.#buffer.length < BUFFER_MAX) this.#buffer.push(message)
      return
    }
    this.#view = reduce(this.#view, message, this.options.audience)
    this.options.onView(this.#view, message)
    if (this.#view.stale) void this.#resync()
  }

  /** The stream stays open; what it brings meanwhile waits in the buffer and is applied on top. */
  async #resync(): Promise<void> {
    const round = this.#round
    try {
      await this.#refresh(round)
    } catch (error) {
      this.#failed(error, round)
    }
  }

  async #refresh(round: number): Promise<void> {
    this.#buffer = []
    try {
      const snapshot = await this.options.snapshot()
      if (round !== this.#round) return
      this.#view = viewOf(snapshot, this.#view ?? undefined)
      for (const message of this.#buffer ?? []) this.#view = reduce(this.#view, message, this.options.audience)
    } finally {
      if (round === this.#round) this.#buffer = null
    }
    this.options.onView(this.#view, null)
    if (this.#view.stale && this.#source !== null) {
      this.#timer = setTimeout(() => void this.#resync(), RESYNC_PAUSE_MS)
    }
  }
}
