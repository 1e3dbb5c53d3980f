import { api, take, type Session } from '@liveshelf/api'

export function signIn(username: string, password: string): Promise<Session> {
  return take(api.POST('/v1/session', { body: { username, password } }))
}
