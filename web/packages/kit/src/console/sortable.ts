import { ref, type Ref } from 'vue'

/** The list with one entry moved; the same list when there is nothing to move. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  if (from === to || from < 0 || to < 0 || from >= list.length || to >= list.length) return [...list]
  const copy = [...list]
  const [entry] = copy.splice(from, 1)
  copy.splice(to, 0, entry!)
  return copy
}

export interface Sortable {
  /** Spread onto each entry: `v-bind="sortable.on(index)"`. */
  on: (index: number) => Record<string, unknown>
  /** The place the pointer would drop at, for drawing it. */
  over: Ref<number | null>
  dragged: Ref<number | null>
}

/** Sorting by dragging. The keyboard and buttons call the same `move`, so nothing needs a pointer. */
export function useSortable(move: (from: number, to: number) => void, enabled: () => boolean = () => true): Sortable {
  const dragged = ref<number | null>(null)
  const over = ref<number | null>(null)

  function end(): void {
    dragged.value = null
    over.value = null
  }

  function on(index: number): Record<string, unknown> {
    return {
      draggable: enabled(),
      onDragstart: (event: DragEvent) => {
        dragged.value = index
        // Firefox starts no drag without data.
        event.dataTransfer?.setData('text/plain', String(index))
        if (event.dataTransfer) event.dataTransfer.effectAllowed = 'move'
      },
      onDragover: (event: DragEvent) => {
        if (dragged.value === null) return
        event.preventDefault()
        over.value = index
      },
      onDrop: (event: DragEvent) => {
        if (dragged.value === null) return
        event.preventDefault()
        const from = dragged.value
        end()
        if (from !== index) move(from, index)
      },
      onDragend: end,
    }
  }
  return { on, over, dragged }
}
