import { ref } from 'vue'

/** What a screen reader is to be told next; `LiveRegion` reads it out. */
export const announcement = ref('')

/** Says something aloud that is otherwise only seen: goods pushed, a comment sent, an order placed. */
export function announce(text: string): void {
  // The same text twice in a row would not be read again without a change in between.
  announcement.value = announcement.value === text ? `${text}\u00a0` : text
}
