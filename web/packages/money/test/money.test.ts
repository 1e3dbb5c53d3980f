import { describe, expect, it } from 'vitest'
import { FEN_MAX, fenToInput, formatFen, parseYuan, priceText } from '../src/index'

describe('formatFen', () => {
  it.each([
    [0, '¥0.00'],
    [5, '¥0.05'],
    [9950, '¥99.50'],
    [123_456_789, '¥1,234,567.89'],
    [-9950, '-¥99.50'],
    [-5, '-¥0.05'],
  ])('%i fen is %s in both languages', (fen, text) => {
    expect(formatFen(fen, 'zh')).toBe(text)
    expect(formatFen(fen, 'en')).toBe(text)
  })

  it('refuses what is not a whole number of fen', () => {
    expect(() => formatFen(99.5, 'zh')).toThrow(RangeError)
    expect(() => formatFen(Number.NaN, 'zh')).toThrow(RangeError)
  })
})

describe('parseYuan', () => {
  it.each([
    ['99.5', 9950],
    ['99.50', 9950],
    ['0.07', 7],
    ['1.', 100],
    ['¥ 1,234.56', 123_456],
    ['９９．５', 9950],
    ['￥20', 2000],
    ['1.15', 115],
    ['4.35', 435],
    ['9999999.99', FEN_MAX],
  ])('%s is %i fen', (text, fen) => {
    expect(parseYuan(text)).toBe(fen)
  })

  it.each(['', 'abc', '1.234', '-1', '.5', '1e3', '10000000', '1 2', '1.2.3'])('%s is not an amount', (text) => {
    expect(parseYuan(text)).toBeNull()
  })

  it('reads back every amount that an input shows', () => {
    for (const fen of [0, 1, 10, 99, 100, 115, 435, 2_999, 1_000_001, FEN_MAX]) {
      expect(parseYuan(fenToInput(fen))).toBe(fen)
    }
  })
})

describe('priceText', () => {
  it('knows the three kinds of price', () => {
    expect(priceText({ price_type: 1, price_fen: 9950, price2_fen: null }, 'zh')).toEqual({ now: '¥99.50', to: null, was: null })
    expect(priceText({ price_type: 2, price_fen: 100, price2_fen: 300 }, 'zh')).toEqual({ now: '¥1.00', to: '¥3.00', was: null })
    expect(priceText({ price_type: 3, price_fen: 12_800, price2_fen: 9950 }, 'zh')).toEqual({ now: '¥99.50', to: null, was: '¥128.00' })
  })
})
