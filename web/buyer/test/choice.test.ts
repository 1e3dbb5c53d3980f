import type { StoreSku } from '@liveshelf/api'
import { describe, expect, it } from 'vitest'
import { canPick, chosenSku, firstChoice, specRows } from '../src/features/checkout/choice'

const sku = (sku_id: number, tea: string, size: string, price_fen: number, available: number): StoreSku => ({
  sku_id, price_fen, available, list_price_fen: null,
  specs: [{ name: 'tea', value: tea }, { name: 'size', value: size }],
})
const SKUS = [sku(1, 'raw', 'small', 100, 0), sku(2, 'raw', 'big', 300, 5), sku(3, 'ripe', 'small', 200, 2)]

describe('choosing a SKU', () => {
  it('lists every value once, in order', () => {
    expect(specRows(SKUS)).toEqual([
      { name: 'tea', values: ['raw', 'ripe'] },
      { name: 'size', values: ['small', 'big'] },
    ])
  })

  it('starts with the cheapest that is in stock, and with the cheapest when nothing is', () => {
    expect(firstChoice(SKUS)).toEqual({ tea: 'ripe', size: 'small' })
    expect(firstChoice(SKUS.map((one) => ({ ...one, available: 0 })))).toEqual({ tea: 'raw', size: 'small' })
    expect(firstChoice([])).toEqual({})
  })

  it('knows the one SKU that is meant, and when none is', () => {
    expect(chosenSku(SKUS, { tea: 'raw', size: 'big' })?.sku_id).toBe(2)
    expect(chosenSku(SKUS, { tea: 'ripe', size: 'big' })).toBeNull()
    expect(chosenSku(SKUS, { tea: 'raw' })).toBeNull()
  })

  it('takes the only SKU of goods without specs', () => {
    const only = { ...sku(9, '', '', 50, 1), specs: [] }
    expect(chosenSku([only], firstChoice([only]))?.sku_id).toBe(9)
  })

  it('marks what is sold out or does not exist with the rest of the choice', () => {
    expect(canPick(SKUS, { size: 'small' }, 'tea', 'raw')).toBe(false)
    expect(canPick(SKUS, { size: 'small' }, 'tea', 'ripe')).toBe(true)
    expect(canPick(SKUS, { tea: 'ripe' }, 'size', 'big')).toBe(false)
  })
})
