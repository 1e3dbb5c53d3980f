import { nextTick, onBeforeUnmount, onMounted, type Ref } from 'vue'

/** Panels that are open, the topmost last: Esc and the Tab key belong to that one only. */
const open: symbol[] = []
const FOCUSABLE = 'a[href],button:not(:disabled),input:not(:disabled),select:not(:disabled),textarea:not(:disabled),[tabindex="0"]'

export function anyPanelOpen(): boolean {
  return open.length > 0
}

/** Keeps the focus inside one panel while it is open, and gives it back to where it came from. */
export function usePanel(root: Ref<HTMLElement | null>, close: () => void): void {
  const me = Symbol('panel')
  let before: Element | null = null

  function keydown(event: KeyboardEvent): void {
    if (open.at(-1) !== me || root.value === null) return
    if (event.key === 'Escape' && !event.isComposing) {
      event.preventDefault()
      close()
    }
    if (event.key === 'Tab') hold(event, root.value)
  }

  onMounted(async () => {
    before = document.activeElement
    open.push(me)
    document.addEventListener('keydown', keydown)
    await nextTick()
    const first = root.value?.querySelector<HTMLElement>('[data-autofocus]')
    ;(first ?? root.value)?.focus()
  })
  onBeforeUnmount(() => {
    open.splice(open.indexOf(me), 1)
    document.removeEventListener('keydown', keydown)
    if (before instanceof HTMLElement && before.isConnected) before.focus()
  })
}

function hold(event: KeyboardEvent, root: HTMLElement): void {
  const all = [...root.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((element) => element.offsetParent !== null)
  const [first, last] = [all[0], all.at(-1)]
  const at = document.activeElement
  if (!first || !last) return
  if (!root.contains(at)) {
    event.preventDefault()
    first.focus()
  } else if (event.shiftKey && (at === first || at === root)) {
    event.preventDefault()
    last.focus()
  } else if (!event.shiftKey && at === last) {
    event.preventDefault()
    first.focus()
  }
}
