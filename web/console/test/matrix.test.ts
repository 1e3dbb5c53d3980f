import { describe, expect, it } from 'vitest'
import { axesOf, combinations, draftOf, matrix, priceRange, variantsOf, wrongWith, type Variant } from '../src/features/goods/matrix'

const colour = { name: 'colour', values: ['red', 'blue'] }
const size = { name: 'size', values: ['S', 'L'] }
const sku = (sku_id: number, specs: [string, string][]) => ({
  sku_id, specs: specs.map(([name, value]) => ({ name, value })), price_fen: 100 * sku_id, list_price_fen: null, on_hand: 5, held: 1, available: 4,
})
const product = {
  product_id: 1, title: 'Cup', description: '', pictures: [], tags: [], category: null, delivery: 'shipped' as const, card: null, created_at: '', updated_at: '', version: 2, pending: null,
  skus: [sku(1, [['colour', 'red']]), sku(2, [['colour', 'blue']])],
}

describe('combinations', () => {
  it('is one variant without specs when nothing differs', () => {
    expect(combinations([])).toEqual([[]])
    expect(combinations([{ name: '', values: ['x'] }, { name: 'size', values: [] }])).toEqual([[]])
  })

  it('is names times values, in the order given', () => {
    expect(combinations([colour, size]).map((specs) => specs.map((spec) => spec.value).join())).toEqual(['red,S', 'red,L', 'blue,S', 'blue,L'])
  })
})

describe('matrix', () => {
  it('keeps what a combination had, and its stock stays where it is', () => {
    const next = matrix([{ name: 'colour', values: ['red', 'blue', 'green'] }], variantsOf(product))
    expect(next.map((variant) => variant.sku?.sku_id ?? null)).toEqual([1, 2, null])
    expect(next[0]?.price_fen).toBe(100)
  })

  it('gives a new combination the price of the one it resembles most', () => {
    const next = matrix([colour, size], variantsOf(product))
    expect(next.map((variant) => variant.price_fen)).toEqual([100, 100, 200, 200])
    expect(next.every((variant) => variant.sku === null)).toBe(true)
  })

  it('reads the axes back from a product', () => {
    expect(axesOf(product)).toEqual([{ name: 'colour', values: ['red', 'blue'] }])
  })
})

describe('draftOf', () => {
  const state = (variant: Partial<Variant>) => ({
    title: ' Cup ', description: '', pictures: [{ media_id: 'm', url: '/m' }], tags: [], category: null, delivery: 'shipped' as const,
    variants: [{ specs: [], sku: null, price_fen: 100, list_price_fen: null, stock: 3, ...variant }],
  })

  it('sends opening stock for a new variant and an id for a known one, never both', () => {
    expect(draftOf(state({}))?.skus[0]).toEqual({ stock: 3, specs: [], price_fen: 100, list_price_fen: null })
    expect(draftOf(state({ sku: sku(7, []) }))?.skus[0]).toEqual({ sku_id: 7, specs: [], price_fen: 100, list_price_fen: null })
    expect(draftOf(state({}))?.title).toBe('Cup')
  })

  it.each([
    [{ price_fen: null }, 'no_price'],
    [{ price_fen: 0 }, 'zero_price'],
    [{ list_price_fen: 99 }, 'list_below'],
  ])('is nothing while a line is wrong: %o', (variant, why) => {
    expect(wrongWith(state(variant).variants[0]!)).toBe(why)
    expect(draftOf(state(variant))).toBeNull()
  })
})

it('priceRange leaves out what has no price yet', () => {
  expect(priceRange([null, 300, 100])).toEqual({ from: 100, to: 300 })
  expect(priceRange([null])).toBeNull()
})
