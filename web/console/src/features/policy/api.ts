import { api, take, type PolicyProfile } from '@liveshelf/api'
import { useQuery } from '@tanstack/vue-query'

export function usePolicy() {
  return useQuery({ queryKey: ['policy'], queryFn: () => take(api.GET('/v1/policy')) })
}

export const setPolicy = (request_id: string, profile: PolicyProfile) => take(api.PUT('/v1/policy', { body: { request_id, profile } }))
