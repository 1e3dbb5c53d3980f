import type { Spec } from '@liveshelf/api'

/** `red · L`: the values that tell one variant from the others. */
export function specText(specs: readonly Spec[]): string {
  return specs.map((spec) => spec.value).join(' · ')
}
