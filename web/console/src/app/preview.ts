import { api, type Role } from '@liveshelf/api'
import { ref } from 'vue'
import { queryClient } from './queries'

const KEY = 'liveshelf.preview'
const HEADER = 'x-liveshelf-preview-role'

/** The role that the shop is looked at as, or nothing. It ends with the tab. */
export const previewRole = ref<Role | null>((sessionStorage.getItem(KEY) as Role | null) ?? null)

/** The server answers as it would answer the role, and refuses whatever would change something. */
api.use({
  onRequest({ request }) {
    if (previewRole.value) request.headers.set(HEADER, previewRole.value)
    return request
  },
})

export function setPreview(role: Role | null): void {
  previewRole.value = role
  if (role) sessionStorage.setItem(KEY, role)
  else sessionStorage.removeItem(KEY)
  // What was read as somebody else is not what this role sees; the menu and whatever else stays is read again.
  void queryClient.resetQueries()
}
