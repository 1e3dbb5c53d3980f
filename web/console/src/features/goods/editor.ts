import type { Product, ProductDraft } from '@liveshelf/api'
import { computed, reactive, ref, watch, type ComputedRef, type Ref } from 'vue'
import { axesOf, combinations, draftOf, matrix, variantsOf, VARIANTS_MAX, type EditorState, type SpecAxis } from './matrix'

export interface Editor {
  state: EditorState
  axes: Ref<SpecAxis[]>
  draft: ComputedRef<ProductDraft | null>
  changed: ComputedRef<boolean>
  ready: ComputedRef<boolean>
  /** The axes ask for more variants than a product may have; the matrix stays as it was. */
  tooMany: ComputedRef<boolean>
  /** The server's answer becomes what is edited. */
  adopt: (product: Product) => void
  /** Nothing is to be kept: leaving asks no question. */
  settle: () => void
}

/** The form of one product: filled from the server once, then the person's until it is saved. */
export function useEditor(source: () => Product | undefined): Editor {
  const state = reactive<EditorState>({ title: '', description: '', pictures: [], tags: [], category: null, delivery: 'shipped', variants: matrix([], []) })
  const axes = ref<SpecAxis[]>([])
  const draft = computed(() => draftOf(state))
  const saved = ref(JSON.stringify(draftOf(state)))
  const now = computed(() => JSON.stringify({ draft: draft.value, prices: state.variants.map((one) => one.price_fen) }))

  function settle(): void {
    saved.value = now.value
  }

  function adopt(product: Product): void {
    // What the person said last is what they go on editing, also while it waits for its review.
    const said = product.pending ?? product
    state.title = said.title
    state.description = said.description
    state.pictures = [...said.pictures]
    state.tags = [...said.tags]
    state.category = said.category
    state.delivery = said.delivery
    axes.value = axesOf(said)
    state.variants = variantsOf(product)
    settle()
  }

  watch(
    axes,
    (value) => {
      const next = matrix(value, state.variants)
      if (next.length <= VARIANTS_MAX) state.variants = next
    },
    { deep: true },
  )
  watch(
    source,
    (product, before) => {
      if (!product) return
      // Stock that moved elsewhere is shown without touching what is being typed.
      if (before?.product_id === product.product_id && before.version === product.version) freshen(product)
      else adopt(product)
    },
    { immediate: true },
  )

  function freshen(product: Product): void {
    const levels = new Map(product.skus.map((sku) => [sku.sku_id, sku]))
    for (const variant of state.variants) variant.sku = variant.sku && (levels.get(variant.sku.sku_id) ?? variant.sku)
  }

  settle()
  const changed = computed(() => saved.value !== now.value)
  const tooMany = computed(() => combinations(axes.value).length > VARIANTS_MAX)
  const ready = computed(() => draft.value !== null && draft.value.title !== '' && draft.value.pictures.length > 0 && changed.value)
  return { state, axes, draft, changed, ready, tooMany, adopt, settle }
}
