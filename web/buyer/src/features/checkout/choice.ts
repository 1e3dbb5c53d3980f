import type { Spec, StoreSku } from '@liveshelf/api'

/** One row of the chooser: a name such as "colour", and the values there are, in the order they first appear. */
export interface SpecRow {
  name: string
  values: string[]
}

export type Chosen = Readonly<Record<string, string>>

export function specRows(skus: readonly StoreSku[]): SpecRow[] {
  const rows = new Map<string, string[]>()
  for (const { specs } of skus) {
    for (const { name, value } of specs) {
      const values = rows.get(name) ?? []
      if (!values.includes(value)) values.push(value)
      rows.set(name, values)
    }
  }
  return [...rows].map(([name, values]) => ({ name, values }))
}

const fits = (specs: readonly Spec[], chosen: Chosen) =>
  specs.every(({ name, value }) => chosen[name] === undefined || chosen[name] === value)

/** The one SKU that the choice means, or null while it is open. */
export function chosenSku(skus: readonly StoreSku[], chosen: Chosen): StoreSku | null {
  const exact = skus.filter((sku) => sku.specs.every(({ name, value }) => chosen[name] === value))
  return exact.length === 1 ? exact[0]! : null
}

/** Whether picking this value, with the other rows as they are, can still end at a SKU that is in stock. */
export function canPick(skus: readonly StoreSku[], chosen: Chosen, name: string, value: string): boolean {
  const wish = { ...chosen, [name]: value }
  return skus.some((sku) => sku.available > 0 && fits(sku.specs, wish) && sku.specs.some((s) => s.name === name && s.value === value))
}

/** What to start with: the cheapest SKU that is in stock, so that one tap is enough for most. */
export function firstChoice(skus: readonly StoreSku[]): Chosen {
  const inStock = skus.filter((sku) => sku.available > 0)
  const best = (inStock.length ? inStock : [...skus]).sort((a, b) => a.price_fen - b.price_fen)[0]
  return Object.fromEntries((best?.specs ?? []).map(({ name, value }) => [name, value]))
}
