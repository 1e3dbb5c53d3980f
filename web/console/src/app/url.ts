import { computed, type WritableComputedRef } from 'vue'
import { useRoute, useRouter, type LocationQueryRaw } from 'vue-router'

export interface Url {
  text: (name: string) => string
  number: (name: string) => number | null
  /** Writes several at once; an empty value leaves the address. A push can be undone with the back button. */
  set: (patch: Record<string, string | number | null>, how?: 'push' | 'replace') => void
}

/** The state of a page that a person may want to share or come back to: it lives in the address. */
export function useUrl(): Url {
  const route = useRoute()
  const router = useRouter()
  const text = (name: string): string => {
    const value = route.query[name]
    return (Array.isArray(value) ? value[0] : value) ?? ''
  }
  return {
    text,
    number: (name) => (/^\d+$/u.test(text(name)) ? Number(text(name)) : null),
    set: (patch, how = 'replace') => {
      const query = Object.entries({ ...route.query, ...patch }).filter(([, value]) => value !== null && value !== '')
      void router[how]({ query: Object.fromEntries(query) as LocationQueryRaw })
    },
  }
}

/** One filter of a list. A changed filter starts again at the first page. */
export function useFilter(name: string): WritableComputedRef<string> {
  const url = useUrl()
  return computed({ get: () => url.text(name), set: (value) => url.set({ [name]: value, cursor: null, page: null }) })
}
