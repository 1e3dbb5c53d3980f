import { moved } from '@liveshelf/kit/console'
import { describe, expect, it } from 'vitest'
import { units } from '../src/app/units'
import { pagesOf } from '../src/features/developer/app-json'
import { stretches } from '../src/app/marks'
import { fromField, toField } from '../src/app/fields'
import { proposedTimes } from '../src/features/rooms/times'

describe('units', () => {
  it.each([
    ['', 0],
    ['cup 12', 6],
    ['\u8336\u76cf', 4],
    ['\u8336 cup', 6],
    ['\uff21\uff11', 4],
    ['\u201c\u8336\u201d', 6],
    ['caf\u00e9', 4],
    ['cafe\u0301', 4],
    ['\u{1f375}', 2],
  ])('%s counts %i', (text, count) => {
    expect(units(text)).toBe(count)
  })
})

describe('stretches', () => {
  const shape = (text: string, ...found: [number, number][]) =>
    stretches(text, found.map(([start, end]) => ({ start, end }))).map((part) => (part.marked ? `[${part.text}]` : part.text)).join('')

  it('marks what was found, joined where findings touch or overlap', () => {
    expect(shape('abcdef', [1, 3], [2, 4])).toBe('a[bcd]ef')
    expect(shape('abc', [0, 3])).toBe('[abc]')
    expect(shape('abc')).toBe('abc')
  })

  it('counts characters as the server does, not UTF-16 halves', () => {
    expect(shape('\u{1f375}best', [1, 5])).toBe('\u{1f375}[best]')
  })

  it('bears findings beyond the end', () => {
    expect(shape('ab', [1, 9])).toBe('a[b]')
  })
})

describe('pagesOf', () => {
  it('reads the pages and those of subpackages', () => {
    const text = JSON.stringify({ pages: ['pages/a'], subPackages: [{ root: 'live/', pages: ['room'] }], subpackages: [{ root: 'x', pages: ['y'] }] })
    expect(pagesOf(text)).toEqual(['pages/a', 'x/y', 'live/room'])
  })

  it.each(['', '{', '[]', 'null', '{"pages":1}'])('is nothing for %j', (text) => {
    expect(pagesOf(text)).toBeNull()
  })
})

describe('times of a room', () => {
  it('come back as they went, to the minute', () => {
    const iso = '2026-11-22T05:30:00.000Z'
    expect(fromField(toField(iso))).toBe(iso)
    expect(fromField('')).toBeNull()
  })

  it('are proposed a full hour ahead, and far enough away', () => {
    const now = Date.parse('2026-11-22T05:50:00Z')
    const { starts, ends } = proposedTimes(now)
    expect(fromField(starts)).toBe('2026-11-22T07:00:00.000Z')
    expect(Date.parse(ends) - Date.parse(starts)).toBe(2 * 3_600_000)
  })
})

it('moved takes one entry elsewhere and leaves the list alone when it cannot', () => {
  expect(moved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a'])
  expect(moved(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b'])
  expect(moved(['a', 'b'], 0, 5)).toEqual(['a', 'b'])
})
