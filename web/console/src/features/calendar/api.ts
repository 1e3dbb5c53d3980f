import { api, take } from '@liveshelf/api'
import { useQuery } from '@tanstack/vue-query'

const FRESH_MS = 60_000

export function useCalendar() {
  return useQuery({ queryKey: ['calendar'], staleTime: FRESH_MS, queryFn: () => take(api.GET('/v1/calendar')) })
}

const at = (year: number) => ({ params: { path: { year } } })

export const enterYear = (year: number, request_id: string, off: string[], on: string[]) =>
  take(api.PUT('/v1/calendar/{year}', { ...at(year), body: { request_id, off, on } }))

export const forgetYear = (year: number) => take(api.DELETE('/v1/calendar/{year}', at(year)))
