import type { InvoiceDraft } from '@liveshelf/api'
import { ref, watch, type Ref } from 'vue'

export interface Papers {
  note: Ref<string>
  invoice: Ref<InvoiceDraft | null>
  /** They went along with an order. */
  forget: () => void
}

/** What is typed for an order, kept in this tab so that a reload or a way back loses nothing of it. */
export function usePapers(shopId: () => number): Papers {
  const key = `liveshelf.papers.${shopId()}`
  const kept = recall<{ note?: string; invoice?: InvoiceDraft | null }>(key)
  const note = ref(kept?.note ?? '')
  const invoice = ref<InvoiceDraft | null>(kept?.invoice ?? null)
  watch([note, invoice], () => keep(key, note.value || invoice.value ? { note: note.value, invoice: invoice.value } : null), { deep: true })

  function forget(): void {
    note.value = ''
    invoice.value = null
    keep(key, null)
  }

  return { note, invoice, forget }
}

export function recall<T>(key: string): T | null {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? 'null') as T | null
  } catch {
    return null
  }
}

export function keep(key: string, value: unknown): void {
  try {
    if (value === null) sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, JSON.stringify(value))
  } catch {
    // A tab that may not keep anything still sells.
  }
}

const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY'

/** Whether it is a unified social credit code (GB 32100): the last of its 18 characters checks the others. */
export function isTaxNo(text: string): boolean {
  if (text.length !== 18 || [...text].some((char) => !ALPHABET.includes(char))) return false
  let weight = 1
  let worth = 0
  for (const char of text.slice(0, 17)) {
    worth += ALPHABET.indexOf(char) * weight
    weight = (weight * 3) % 31
  }
  return ALPHABET[(31 - (worth % 31)) % 31] === text[17]
}
