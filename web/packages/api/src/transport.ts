import { takeEarly } from './early'
import { ApiProblem, CLIENT_CODES, problemOf } from './problem'

export interface TransportOptions {
  /** The platform's fetch; tests hand in their own. */
  fetch?: typeof fetch
  timeoutMs?: number
  /** Uploads are large and a phone's uplink is slow. */
  uploadTimeoutMs?: number
  /** Waits before each further try of a GET; its length is the number of retries. */
  retryDelaysMs?: readonly number[]
  sleep?: (ms: number) => Promise<void>
}

const RETRYABLE = new Set([502, 503, 504])
// A server that asks for more patience than this is better shown as an error with a retry button.
const RETRY_AFTER_MAX_MS = 5_000

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** What went wrong without an answer, or null when the caller itself cancelled (that is not a problem to show). */
function failureOf(error: unknown, timedOut: boolean): ApiProblem | null {
  if (timedOut) return new ApiProblem(CLIENT_CODES.timeout, 0, 'No answer in time')
  if (error instanceof DOMException && error.name === 'AbortError') return null
  return new ApiProblem(CLIENT_CODES.network, 0, 'The server could not be reached')
}

function retryDelay(response: Response, fallback: number): number {
  const header = response.headers.get('retry-after')
  const asked = header === null ? Number.NaN : Number(header)
  return Number.isFinite(asked) ? Math.min(asked * 1000, RETRY_AFTER_MAX_MS) : fallback
}

/**
 * A fetch that times out, retries reads, and throws `ApiProblem` for every answer that is not a success.
 *
 * Only GET is retried here: a write may have happened although its answer was lost, so asking again is the
 * caller's decision, made with the same request id.
 */
export function transport(options: TransportOptions = {}): (request: Request) => Promise<Response> {
  const { timeoutMs = 15_000, uploadTimeoutMs = 120_000, retryDelaysMs = [300, 1_200], sleep = pause } = options

  async function once(request: Request): Promise<Response> {
    const send = options.fetch ?? fetch
    const upload = request.headers.get('content-type')?.startsWith('multipart/') ?? false
    const abort = new AbortController()
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      abort.abort()
    }, upload ? uploadTimeoutMs : timeoutMs)
    const cancel = () => abort.abort()
    request.signal.addEventListener('abort', cancel)
    try {
      return await send(new Request(request, { signal: abort.signal }))
    } catch (error) {
      throw failureOf(error, timedOut) ?? error
    } finally {
      clearTimeout(timer)
      request.signal.removeEventListener('abort', cancel)
    }
  }

  return async (request) => {
    const early = await takeEarly(request)
    if (early) return early
    const delays = request.method === 'GET' ? retryDelaysMs : []
    for (let attempt = 0; ; attempt += 1) {
      const wait = delays[attempt]
      try {
        const response = await once(request.clone())
        if (response.ok) return response
        if (wait === undefined || !RETRYABLE.has(response.status)) throw await problemOf(response)
        await sleep(retryDelay(response, wait))
      } catch (error) {
        const lost = error instanceof ApiProblem && error.status === 0
        if (!lost || wait === undefined) throw error
        await sleep(wait)
      }
    }
  }
}
