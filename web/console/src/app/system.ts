import { api, take, type System } from '@liveshelf/api'
import { setServerNow } from '@liveshelf/kit/console'
import { useQuery, type UseQueryReturnType } from '@tanstack/vue-query'

const MODES_STALE_MS = 60_000

/** The server's version, modes and clock; every deadline on the pages is counted with this clock. */
export function useSystem(): UseQueryReturnType<System, Error> {
  return useQuery({
    queryKey: ['system'],
    staleTime: MODES_STALE_MS,
    queryFn: async () => {
      const system = await take(api.GET('/v1/system'))
      setServerNow(system.now)
      return system
    },
  })
}
