import { expect, it } from 'vitest'
import { uuidv7, Wish } from '../src/index'

it('makes version 7 ids that carry their millisecond and never repeat', () => {
  const at = Date.UTC(2026, 10, 22, 8, 30)
  const ids = Array.from({ length: 200 }, () => uuidv7(at))
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(at)
  }
})

it('sorts by time', () => {
  expect(uuidv7(1_000) < uuidv7(2_000)).toBe(true)
})

it('keeps the id of a wish until its outcome is known', () => {
  const wish = new Wish()
  const first = wish.id
  expect(wish.id).toBe(first)
  wish.settle()
  expect(wish.id).not.toBe(first)
})
