import { api, take, type Membership, type Permission, type Session } from '@liveshelf/api'
import { useQuery, type UseQueryReturnType } from '@tanstack/vue-query'
import { computed, type ComputedRef } from 'vue'
import { useRoute } from 'vue-router'
import { queryClient } from './queries'

const STALE_MS = 60_000

export const sessionQuery = {
  queryKey: ['session'],
  staleTime: STALE_MS,
  queryFn: (): Promise<Session> => take(api.GET('/v1/session')),
}

export function useSession(): UseQueryReturnType<Session, Error> {
  return useQuery(sessionQuery)
}

export function useShopId(): ComputedRef<number> {
  const route = useRoute()
  return computed(() => Number(route.params['shopId'] ?? 0))
}

export function useShop(): ComputedRef<Membership | undefined> {
  const session = useSession()
  const shopId = useShopId()
  return computed(() => session.data.value?.shops.find((shop) => shop.shop_id === shopId.value))
}

export function allowed(session: Session | undefined, shopId: number, permission: Permission): boolean {
  if (!session) return false
  if (session.platform_permissions.includes(permission)) return true
  return session.shops.find((shop) => shop.shop_id === shopId)?.permissions.includes(permission) ?? false
}

/** Whether to offer something at all. What may happen to one thing is its own `may`; the server has the last word. */
export function useMay(): (permission: Permission) => boolean {
  const session = useSession()
  const shopId = useShopId()
  return (permission) => allowed(session.data.value, shopId.value, permission)
}

/** Who was signed in may have seen what the next person must not: everything remembered goes. */
export async function signOut(): Promise<void> {
  await take(api.DELETE('/v1/session'))
  queryClient.clear()
}
