import type { DeliveryKind, Product, ProductDraft, Sku, SkuDraft, Spec } from '@liveshelf/api'

/** A way in which the variants differ, with all of its values. */
export interface SpecAxis {
  name: string
  values: string[]
}

/** One line of the matrix while it is being edited. Amounts are null while what is typed is none. */
export interface Variant {
  specs: Spec[]
  sku: Sku | null
  price_fen: number | null
  list_price_fen: number | null
  stock: number | null
}

export const AXES_MAX = 3
export const VARIANTS_MAX = 100

export const variantKey = (specs: readonly Spec[]): string => JSON.stringify(specs.map((spec) => [spec.name, spec.value]))

/** Every combination of the values; an axis without values does not count. No axes: the one variant there is. */
export function combinations(axes: readonly SpecAxis[]): Spec[][] {
  return axes
    .filter((axis) => axis.name.trim() !== '' && axis.values.length > 0)
    .reduce<Spec[][]>(
      (rows, axis) => rows.flatMap((row) => axis.values.map((value) => [...row, { name: axis.name.trim(), value }])),
      [[]],
    )
}

/**
 * The matrix after the axes changed. A combination that was there keeps what it had. A new one takes over from
 * the line that agrees with it in most values, so that a price is typed once and not twelve times.
 */
export function matrix(axes: readonly SpecAxis[], before: readonly Variant[]): Variant[] {
  const known = new Map(before.map((variant) => [variantKey(variant.specs), variant]))
  return combinations(axes).map((specs) => {
    const same = known.get(variantKey(specs))
    if (same) return { ...same, specs }
    const like = nearest(specs, before)
    return { specs, sku: null, price_fen: like?.price_fen ?? null, list_price_fen: like?.list_price_fen ?? null, stock: 0 }
  })
}

function nearest(specs: readonly Spec[], before: readonly Variant[]): Variant | undefined {
  const wanted = new Set(specs.map((spec) => variantKey([spec])))
  const score = (variant: Variant) => variant.specs.filter((spec) => wanted.has(variantKey([spec]))).length
  return before.reduce<Variant | undefined>((best, variant) => (best && score(best) >= score(variant) ? best : variant), undefined)
}

/** The axes that a product's variants span, in the order in which they name them. */
export function axesOf(product: { skus: readonly { specs: Spec[] }[] }): SpecAxis[] {
  const axes = new Map<string, Set<string>>()
  for (const { name, value } of product.skus.flatMap((sku) => sku.specs)) {
    axes.set(name, (axes.get(name) ?? new Set()).add(value))
  }
  return [...axes].map(([name, values]) => ({ name, values: [...values] }))
}

export function variantsOf(product: Product): Variant[] {
  const known = new Map(product.skus.map((sku) => [sku.sku_id, sku]))
  if (product.pending) {
    return product.pending.skus.map(({ specs, sku_id, price_fen, list_price_fen, stock }) => {
      const sku = sku_id === null ? null : (known.get(sku_id) ?? null)
      return { specs, sku, price_fen, list_price_fen, stock: sku ? null : stock }
    })
  }
  return product.skus.map((sku) => ({
    specs: sku.specs, sku, price_fen: sku.price_fen, list_price_fen: sku.list_price_fen, stock: null,
  }))
}

export interface EditorState {
  title: string
  description: string
  pictures: { media_id: string; url: string }[]
  tags: string[]
  category: number | null
  delivery: DeliveryKind
  variants: Variant[]
}

/** What keeps a line from being saved, as the name of a text; null when nothing does. */
export function wrongWith({ price_fen, list_price_fen }: Variant): 'no_price' | 'zero_price' | 'list_below' | null {
  if (price_fen === null) return 'no_price'
  if (price_fen === 0) return 'zero_price'
  return list_price_fen !== null && list_price_fen < price_fen ? 'list_below' : null
}

/** What to send, or null while a line can't be saved. Stock of a known variant is changed elsewhere, with a reason. */
export function draftOf(state: EditorState): ProductDraft | null {
  const skus: SkuDraft[] = []
  for (const variant of state.variants) {
    const { specs, sku, price_fen, list_price_fen, stock } = variant
    if (price_fen === null || wrongWith(variant) !== null) return null
    const known = sku ? { sku_id: sku.sku_id } : { stock: stock ?? 0 }
    skus.push({ ...known, specs, price_fen, list_price_fen })
  }
  const { title, description, tags, category, delivery, pictures } = state
  return { title: title.trim(), description, tags, category: category ?? 0, delivery, pictures: pictures.map((picture) => picture.media_id), skus }
}

/** The cheapest and the dearest price, for a card or a row. */
export function priceRange(prices: readonly (number | null)[]): { from: number; to: number } | null {
  const known = prices.filter((price) => price !== null)
  return known.length ? { from: Math.min(...known), to: Math.max(...known) } : null
}
