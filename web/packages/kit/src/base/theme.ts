import { ref, type Ref } from 'vue'
import { remember, remembered } from './memory'

export type Theme = 'auto' | 'light' | 'dark'

const dark = globalThis.matchMedia?.('(prefers-color-scheme: dark)')
const chosen = ref<Theme>('auto')

function show(): void {
  const mode = chosen.value === 'auto' ? (dark?.matches ? 'dark' : 'light') : chosen.value
  // The attribute's name is TDesign's, so that its components turn dark with ours.
  document.documentElement.setAttribute('theme-mode', mode)
}

/** Call before the first paint, so that a dark page doesn't flash white. */
export function startTheme(): void {
  const saved = remembered('theme')
  if (saved === 'light' || saved === 'dark') chosen.value = saved
  show()
  dark?.addEventListener('change', show)
}

export function setTheme(theme: Theme): void {
  chosen.value = theme
  remember('theme', theme)
  show()
}

export function useTheme(): Ref<Theme> {
  return chosen
}
