/**
 * Answers asked for before the app's own code has arrived.
 *
 * A page's first data depends on nothing but its address. Asking while the larger scripts are still on their
 * way saves a slow line one round trip. This file imports nothing, or it would have to wait for what it imports.
 */
const asked = new Map<string, Promise<Response>>()

/** Asks for a path of our own origin now; whoever wants it later gets this answer, once. */
export function askEarly(path: string): void {
  const answer = fetch(path, { credentials: 'same-origin', headers: { accept: 'application/json' } })
  // Nobody may be waiting yet, and a rejection without a listener would be reported as an error of the page.
  answer.catch(() => undefined)
  asked.set(new URL(path, location.origin).href, answer)
}

/** The early answer to this request if there is one that went well, else null: then it is asked in the usual way. */
export async function takeEarly(request: Request): Promise<Response | null> {
  const answer = request.method === 'GET' ? asked.get(request.url) : undefined
  if (!answer) return null
  asked.delete(request.url)
  const response = await answer.catch(() => null)
  return response?.ok ? response : null
}
