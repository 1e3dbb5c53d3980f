import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'
import { remember, remembered } from '../base/memory'
import { anyPanelOpen } from './panels'

/** People who dictate or use switches turn single-key commands off (WCAG 2.1.4). */
const on = ref(remembered('keys') !== 'off')

export function useKeysOn(): Ref<boolean> {
  return on
}

export function setKeysOn(value: boolean): void {
  on.value = value
  remember('keys', value ? 'on' : 'off')
}

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}

/**
 * Single-key commands of a page. `handle` says whether the key was meant for it.
 * Nothing is heard while somebody types, composes Chinese, holds Ctrl or Meta, or a panel is open.
 */
export function useKeys(handle: (event: KeyboardEvent) => boolean): void {
  function keydown(event: KeyboardEvent): void {
    if (!on.value || event.ctrlKey || event.metaKey || event.isComposing || event.defaultPrevented) return
    if (typing(event.target) || anyPanelOpen()) return
    if (handle(event)) event.preventDefault()
  }
  onMounted(() => document.addEventListener('keydown', keydown))
  onBeforeUnmount(() => document.removeEventListener('keydown', keydown))
}
