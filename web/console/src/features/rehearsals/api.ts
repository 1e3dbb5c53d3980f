import { api, take, type Rehearsals } from '@liveshelf/api'
import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'

type Id = MaybeRefOrGetter<number>

const BUSY_MS = 2_000 // while one waits or plays; a hidden page asks nothing

export const isOpen = (state: string): boolean => state === 'waiting' || state === 'playing'

export function useRehearsals(shopId: Id, roomId: Id) {
  return useQuery({
    queryKey: ['rehearsals', shopId, roomId],
    refetchInterval: (query) => (query.state.data?.items.some((one) => isOpen(one.state)) || query.state.data?.why_not === 'rehearsals.runs' ? BUSY_MS : false),
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/rooms/{room_id}/rehearsals', { params: { path: { shop_id: toValue(shopId), room_id: toValue(roomId) } } })),
  })
}

/** A rehearsal with its checks. `state` is how the list shows it: with another state its checks are asked for again. */
export function useRehearsal(shopId: Id, roomId: Id, rehearsalId: MaybeRefOrGetter<string>, state: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['rehearsal', shopId, roomId, rehearsalId, state],
    enabled: computed(() => toValue(state) === 'done'),
    queryFn: () =>
      take(
        api.GET('/v1/shops/{shop_id}/rooms/{room_id}/rehearsals/{rehearsal_id}', {
          params: { path: { shop_id: toValue(shopId), room_id: toValue(roomId), rehearsal_id: toValue(rehearsalId) } },
        }),
      ),
  })
}

export const askRehearsal = (shop_id: number, room_id: number, request_id: string, viewers: number, uplink_mbps: number | null): Promise<Rehearsals> =>
  take(api.POST('/v1/shops/{shop_id}/rooms/{room_id}/rehearsals', { params: { path: { shop_id, room_id } }, body: { request_id, viewers, uplink_mbps } }))
