import { api, take, type People, type Role, type Session } from '@liveshelf/api'
import { useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'

type Shop = MaybeRefOrGetter<number>

export function signIn(username: string, password: string, code: string): Promise<Session> {
  return take(api.POST('/v1/session', { body: { username, password, code } }))
}

export function usePeople(shopId: Shop) {
  return useQuery({
    queryKey: ['people', shopId],
    queryFn: (): Promise<People> => take(api.GET('/v1/shops/{shop_id}/people', { params: { path: { shop_id: toValue(shopId) } } })),
  })
}

export function useRoles(shopId: Shop) {
  return useQuery({
    queryKey: ['people', shopId, 'roles'],
    queryFn: () => take(api.GET('/v1/shops/{shop_id}/people/roles', { params: { path: { shop_id: toValue(shopId) } } })),
  })
}

export const makeInvite = (shopId: number, requestId: string, role: Role, note: string) =>
  take(api.POST('/v1/shops/{shop_id}/people/invites', { params: { path: { shop_id: shopId } }, body: { request_id: requestId, role, note } }))

export const revokeInvite = (shopId: number, inviteId: string) =>
  take(api.DELETE('/v1/shops/{shop_id}/people/invites/{invite_id}', { params: { path: { shop_id: shopId, invite_id: inviteId } } }))

export const changeRole = (shopId: number, accountId: string, role: Role) =>
  take(api.PATCH('/v1/shops/{shop_id}/people/{account_id}', { params: { path: { shop_id: shopId, account_id: accountId } }, body: { role } }))

export const removeMember = (shopId: number, requestId: string, accountId: string, heir: string) =>
  take(
    api.POST('/v1/shops/{shop_id}/people/{account_id}/remove', {
      params: { path: { shop_id: shopId, account_id: accountId } },
      body: { request_id: requestId, hand_over_to: heir || null },
    }),
  )

export const makePasswordLink = (shopId: number, requestId: string, accountId: string) =>
  take(
    api.POST('/v1/shops/{shop_id}/people/{account_id}/password-link', {
      params: { path: { shop_id: shopId, account_id: accountId } },
      body: { request_id: requestId },
    }),
  )

export const lookAtInvite = (token: string) => take(api.POST('/v1/invites/look', { body: { token } }))

export const joinNew = (token: string, draft: { username: string; display_name: string; password: string }) =>
  take(api.POST('/v1/invites/join-new', { body: { token, ...draft } }))

export const joinAsMyself = (token: string) => take(api.POST('/v1/invites/join', { body: { token } }))

export const spendPasswordLink = (token: string, password: string) =>
  take(api.POST('/v1/password-links/use', { body: { token, password } }))

export function useSessions() {
  return useQuery({ queryKey: ['sessions'], queryFn: () => take(api.GET('/v1/session/sessions')) })
}

export function useSecondFactor() {
  return useQuery({ queryKey: ['second-factor'], queryFn: () => take(api.GET('/v1/session/second-factor')) })
}

export const endSession = (id: string) =>
  take(api.DELETE('/v1/session/sessions/{session_id}', { params: { path: { session_id: id } } }))

export const endOtherSessions = (requestId: string) =>
  take(api.POST('/v1/session/sessions/end-others', { body: { request_id: requestId } }))

export const changePassword = (current: string, password: string) => take(api.POST('/v1/session/password', { body: { current, password } }))

export const prepareSecondFactor = (requestId: string) => take(api.POST('/v1/session/second-factor', { body: { request_id: requestId } }))

export const confirmSecondFactor = (code: string) => take(api.POST('/v1/session/second-factor/confirm', { body: { code } }))

export const turnOffSecondFactor = (password: string, code: string) =>
  take(api.POST('/v1/session/second-factor/off', { body: { password, code } }))
