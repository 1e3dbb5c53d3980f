import { onScopeDispose, ref, type Ref } from 'vue'

/**
 * The server's time, not the phone's: phones are wrong by minutes, and an installation for trying out may
 * have its clock moved on by days. Deadlines shown must be the server's.
 */
let offsetMs = 0

export function setServerNow(iso: string, receivedAt: number = Date.now()): void {
  const at = Date.parse(iso)
  if (Number.isFinite(at)) offsetMs = at - receivedAt
}

export function serverNow(): number {
  return Date.now() + offsetMs
}

/** The server's now as a ref that moves on every `everyMs`. */
export function useNow(everyMs: number): Ref<number> {
  const now = ref(serverNow())
  const timer = setInterval(() => {
    now.value = serverNow()
  }, everyMs)
  onScopeDispose(() => clearInterval(timer))
  return now
}
