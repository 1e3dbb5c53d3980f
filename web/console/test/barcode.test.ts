import { describe, expect, it } from 'vitest'
import { barsOf, valuesOf } from '../src/features/orders/barcode'

describe('a number as bars', () => {
  it('checks itself as Code 128 does', () => {
    expect(valuesOf('RI 476 394 652 CH')?.at(-1)).toBe(expected('RI 476 394 652 CH'))
    expect(valuesOf('A')).toEqual([104, 33, (104 + 33) % 103])
  })

  it('has eleven modules a character and thirteen for the end', () => {
    for (const text of ['1', 'SF1020304050601', '251904675954358928', '~ !']) {
      const { bars, modules } = barsOf(text)!
      expect(modules).toBe(11 * (text.length + 2) + 13)
      expect(bars).toHaveLength(3 * (text.length + 2) + 4)
      expect(bars[0]![0]).toBe(0)
      expect(bars.every(([, width]) => width >= 1 && width <= 4)).toBe(true)
    }
    // Start B is 211214, the end 2331112.
    expect(barsOf('1')!.bars.slice(0, 3)).toEqual([[0, 2], [3, 1], [6, 1]])
  })

  it('leaves out what bars can not say', () => {
    for (const text of ['', '顺丰', 'é', '\n']) expect(barsOf(text)).toBeNull()
  })
})

function expected(text: string): number {
  return [...text].reduce((sum, char, at) => sum + (char.charCodeAt(0) - 32) * (at + 1), 104) % 103
}
