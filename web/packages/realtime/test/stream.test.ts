import type { StoreRoom } from '@liveshelf/api'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import fixtures from '../fixtures/room.json'
import { RoomStream, type Connection, type RoomView } from '../src/index'

const BASE = fixtures[0]!.snapshot as unknown as StoreRoom

class FakeSource extends EventTarget {
  static all: FakeSource[] = []
  closed = false

  constructor(readonly url: string) {
    super()
    FakeSource.all.push(this)
  }

  close(): void {
    this.closed = true
  }

  say(event: string, data: unknown): void {
    this.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data) }))
  }
}

function start(snapshots: (StoreRoom | Error)[], onError?: (error: unknown) => boolean) {
  const views: RoomView[] = []
  const states: Connection[] = []
  let tickets = 0
  const snapshot = vi.fn(async () => {
    const next = snapshots.length > 1 ? snapshots.shift()! : snapshots[0]!
    if (next instanceof Error) throw next
    return next
  })
  const stream = new RoomStream({
    audience: 'buyer',
    snapshot,
    ticket: async () => ({ url: 'http://gate.test/r', ticket: `t${(tickets += 1)}`, expires_at: '' }),
    onView: (view) => views.push(view),
    onConnection: (state) => states.push(state),
    onError,
    makeSource: (url) => new FakeSource(url) as unknown as EventSource,
    random: () => 1,
  })
  return { stream, views, states, snapshot }
}

const settle = () => vi.advanceTimersByTimeAsync(0)
const last = () => FakeSource.all.at(-1)!

beforeEach(() => {
  vi.useFakeTimers()
  FakeSource.all = []
})
afterEach(() => vi.useRealTimers())

describe('RoomStream', () => {
  it('takes the snapshot, then listens from its number', async () => {
    const { views, states } = start([BASE])
    await settle()
    expect(last().url).toBe('http://gate.test/r?ticket=t1&since=7')
    last().say('hello', { seq: 7, resumed: true })
    last().say('room', { seq: 8, type: 'goods_pushed', goods_id: 2 })
    expect(views.at(-1)).toMatchObject({ seq: 8, pushed_goods_ids: [2] })
    expect(states).toEqual(['connecting', 'live'])
  })

  it('comes back with the last number and a new ticket, waiting longer each time', async () => {
    const { states } = start([BASE])
    await settle()
    last().say('hello', { seq: 7, resumed: true })
    last().say('room', { seq: 8, type: 'goods_pushed', goods_id: 2 })
    last().dispatchEvent(new Event('error'))
    expect(FakeSource.all[0]!.closed).toBe(true)
    await vi.advanceTimersByTimeAsync(500)
    expect(last().url).toBe('http://gate.test/r?ticket=t2&since=8')
    last().dispatchEvent(new Event('error'))
    await vi.advanceTimersByTimeAsync(999)
    expect(FakeSource.all).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(1)
    expect(FakeSource.all).toHaveLength(3)
    expect(states.filter((state) => state === 'waiting')).toHaveLength(2)
  })

  it('fetches a fresh snapshot at a gap and applies on top what came meanwhile', async () => {
    const { views, snapshot } = start([BASE, { ...BASE, seq: 9, pushed_goods_id: 1, pushed_goods_ids: [1] }])
    await settle()
    last().say('room', { seq: 9, type: 'goods_pushed', goods_id: 1 })
    expect(views.at(-1)?.stale).toBe(true)
    last().say('room', { seq: 10, type: 'goods_pushed', goods_id: 2 })
    await settle()
    expect(snapshot).toHaveBeenCalledTimes(2)
    expect(views.at(-1)).toMatchObject({ seq: 10, pushed_goods_ids: [2], stale: false })
    expect(FakeSource.all).toHaveLength(1)
  })

  it('does not storm the server when a resync does not help', async () => {
    const { snapshot } = start([BASE])
    await settle()
    last().say('room', { seq: 9, type: 'goods_pushed', goods_id: 1 })
    last().say('room', { seq: 10, type: 'goods_pushed', goods_id: 1 })
    await settle()
    expect(snapshot).toHaveBeenCalledTimes(2)
    await vi.advanceTimersByTimeAsync(900)
    expect(snapshot).toHaveBeenCalledTimes(2)
  })

  it('stops when the page says that waiting is no use, and when it is closed', async () => {
    const gone = start([new Error('gone')], () => true)
    await settle()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(gone.snapshot).toHaveBeenCalledTimes(1)
    expect(gone.states.at(-1)).toBe('closed')

    const { stream } = start([BASE])
    await settle()
    stream.close()
    const opened = FakeSource.all.length
    last().dispatchEvent(new Event('error'))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(FakeSource.all).toHaveLength(opened)
  })

  it('survives a failed resync by connecting anew', async () => {
    const { views } = start([BASE, new Error('502'), { ...BASE, seq: 12 }])
    await settle()
    last().say('resync', {})
    await settle()
    await vi.advanceTimersByTimeAsync(500)
    expect(views.at(-1)).toMatchObject({ seq: 12, stale: false })
    expect(last().url).toContain('since=12')
    last().say('room', { seq: 13, type: 'goods_pushed', goods_id: 1 })
    expect(views.at(-1)?.seq).toBe(13)
  })
})
