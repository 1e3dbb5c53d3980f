import type { Comment, StoreRoom } from '@liveshelf/api'
import { describe, expect, it } from 'vitest'
import fixtures from '../fixtures/room.json'
// Written by the server's own tests: what it really says for every command on a room.
import told from '../fixtures/server.json'
import { COMMENTS_MAX, reduce, viewOf, type Audience, type RoomMessage, type RoomView } from '../src/index'

interface Fixture {
  name: string
  audience: Audience
  snapshot: StoreRoom
  events: RoomMessage[]
  stale: boolean
  expected: StoreRoom
  /** What no snapshot carries: how many likes were told. */
  likes?: number
}

/** What a person sees; bookkeeping and what a snapshot never carries stay aside. */
function seen({ versions: _versions, likes: _likes, stale: _stale, ...view }: RoomView) {
  return view
}

describe('snapshot + events = fresh snapshot', () => {
  it.each([...fixtures, ...told] as unknown as Fixture[])('$name', ({ audience, snapshot, events, stale, expected, likes = 0 }) => {
    const start = viewOf(snapshot)
    const frozen = structuredClone(start)
    const end = events.reduce((view, event) => reduce(view, event, audience), start)
    expect(seen(end)).toEqual(seen(viewOf(expected)))
    expect(end.stale).toBe(stale)
    expect(end.likes).toBe(likes)
    expect(start).toEqual(frozen)
  })
})

it('keeps a bounded number of comments', () => {
  const [{ snapshot }] = fixtures as unknown as [Fixture]
  const items: Comment[] = Array.from({ length: COMMENTS_MAX + 50 }, (_, at) => ({
    comment_id: String(at), by: { kind: 'buyer', name: 'Lin' }, text: 'x', at: '2026-11-22T08:00:00Z',
  }))
  const view = reduce(viewOf(snapshot), { event: 'comments', data: { items, hidden: [] } }, 'buyer')
  expect(view.comments).toHaveLength(COMMENTS_MAX)
  expect(view.comments.at(-1)?.comment_id).toBe(String(COMMENTS_MAX + 49))
})

it('remembers stock versions over a resync, so that a late message stays late', () => {
  const [{ snapshot }] = fixtures as unknown as [Fixture]
  const before = reduce(viewOf(snapshot), { event: 'stock', data: { items: [{ goods_id: 1, available: 2, sold: 8, version: 9 }] } }, 'buyer')
  const after = viewOf(snapshot, before)
  const late = reduce(after, { event: 'stock', data: { items: [{ goods_id: 1, available: 5, sold: 5, version: 8 }] } }, 'buyer')
  expect(late).toBe(after)
})
