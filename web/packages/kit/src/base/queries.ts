import { QueryClient } from '@tanstack/vue-query'

/** Retries are the transport's work (GET only, with the server's Retry-After); two layers of them would multiply. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { retry: false, staleTime: 10_000, refetchOnWindowFocus: true },
      mutations: { retry: false },
    },
  })
}
