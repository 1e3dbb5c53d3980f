import createClient from 'openapi-fetch'
import type { paths } from './schema'
import { ApiProblem, CLIENT_CODES } from './problem'
import { transport, type TransportOptions } from './transport'

export type Client = ReturnType<typeof makeClient>

export interface ClientOptions extends TransportOptions {
  baseUrl?: string
}

/** The typed client. Cookies go to our own origin only; every failure is thrown as an `ApiProblem`. */
export function makeClient({ baseUrl, ...options }: ClientOptions = {}) {
  return createClient<paths>({
    // Node's Request (in tests) refuses relative addresses, so the origin is always spelled out.
    baseUrl: baseUrl ?? globalThis.location?.origin ?? '',
    credentials: 'same-origin',
    headers: { accept: 'application/json' },
    fetch: transport(options),
  })
}

export const api = makeClient()

/** The body of a successful answer: `const order = await take(api.GET(...))`. */
export async function take<T>(call: Promise<{ data?: T; response: Response }>): Promise<T> {
  try {
    const { data } = await call
    return data as T
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new ApiProblem(CLIENT_CODES.unreadable, 502, 'The answer could not be read')
    }
    throw error
  }
}

/** A multipart body for openapi-fetch, which would otherwise turn it into JSON. */
export function fileBody(file: File): { body: never; bodySerializer: () => FormData } {
  const form = new FormData()
  form.set('file', file)
  return { body: {} as never, bodySerializer: () => form }
}

/** A multipart body of several fields. */
export function formBody(fields: Record<string, string | File>): { body: never; bodySerializer: () => FormData } {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  return { body: {} as never, bodySerializer: () => form }
}
