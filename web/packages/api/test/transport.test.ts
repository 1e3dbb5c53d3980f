import { describe, expect, it, vi } from 'vitest'
import { ApiProblem, CLIENT_CODES, makeClient, take } from '../src/index'

const ORIGIN = 'http://shop.test'

function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } })
}

function clientOf(answers: (Response | Error)[], timeoutMs = 1000) {
  const send = vi.fn(async (_input: RequestInfo | URL) => {
    const answer = answers.shift()
    if (answer instanceof Response) return answer
    throw answer ?? new Error('no more answers')
  })
  const sleep = vi.fn(async () => undefined)
  const client = makeClient({ baseUrl: ORIGIN, fetch: send as typeof fetch, sleep, timeoutMs })
  return { client, send, sleep }
}

describe('the transport', () => {
  it('returns the body of a success', async () => {
    const { client, send } = clientOf([json({ shop_id: 1, name: 'tea', rooms: [], goods: [] })])
    const shop = await take(client.GET('/v1/storefront/{shop_id}', { params: { path: { shop_id: 1 } } }))
    expect(shop.name).toBe('tea')
    expect((send.mock.calls[0]![0] as Request).url).toBe(`${ORIGIN}/v1/storefront/1`)
  })

  it('turns problem+json into one typed error', async () => {
    const body = {
      type: '/problems/stock.insufficient', code: 'stock.insufficient', title: 'Not enough', status: 409,
      detail: 'Only 2 left', instance: 'abc123', errors: [{ field: 'quantity', message: 'too many' }], context: { sku_id: 10, available: 2 },
    }
    const { client } = clientOf([json(body, 409)])
    const call = take(client.GET('/v1/session'))
    await expect(call).rejects.toMatchObject({
      code: 'stock.insufficient', status: 409, title: 'Not enough', detail: 'Only 2 left', instance: 'abc123',
      errors: [{ field: 'quantity', message: 'too many' }], outcomeUnknown: false,
    })
    const problem = (await call.catch((error: unknown) => error)) as ApiProblem
    expect(problem.number('available')).toBe(2)
    expect(problem.number('title')).toBeNull()
    expect(problem.facts['sku_id']).toBe(10)
  })

  it('makes a problem of an answer that is not JSON', async () => {
    const { client } = clientOf([new Response('<h1>Bad</h1>', { status: 500 })])
    await expect(take(client.GET('/v1/session'))).rejects.toMatchObject({ code: 'http.500', outcomeUnknown: true })
  })

  it('retries a GET over a lost connection and a busy gateway', async () => {
    const { client, send, sleep } = clientOf([new TypeError('lost'), json({}, 503, { 'retry-after': '2' }), json({ version: '1' })])
    await take(client.GET('/v1/system'))
    expect(send).toHaveBeenCalledTimes(3)
    expect(sleep.mock.calls).toEqual([[300], [2000]])
  })

  it('gives up after its retries, saying what happened last', async () => {
    const { client, send } = clientOf([new TypeError('a'), new TypeError('b'), new TypeError('c')])
    await expect(take(client.GET('/v1/system'))).rejects.toMatchObject({ code: CLIENT_CODES.network, status: 0 })
    expect(send).toHaveBeenCalledTimes(3)
  })

  it('never retries a write by itself', async () => {
    const { client, send } = clientOf([new TypeError('lost'), json({})])
    const call = client.POST('/v1/session', { body: { username: 'a', password: 'b' } })
    await expect(take(call)).rejects.toMatchObject({ code: CLIENT_CODES.network, outcomeUnknown: true })
    expect(send).toHaveBeenCalledTimes(1)
  })

  it('does not retry a refusal', async () => {
    const { client, send } = clientOf([json({ code: 'shops.unknown' }, 404)])
    await expect(take(client.GET('/v1/system'))).rejects.toBeInstanceOf(ApiProblem)
    expect(send).toHaveBeenCalledTimes(1)
  })

  it('times out', async () => {
    const hang = (input: RequestInfo | URL) =>
      new Promise<Response>((_resolve, reject) => {
        const { signal } = input as Request
        signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
      })
    const client = makeClient({ baseUrl: ORIGIN, fetch: hang as typeof fetch, timeoutMs: 5, retryDelaysMs: [] })
    await expect(take(client.GET('/v1/system'))).rejects.toMatchObject({ code: CLIENT_CODES.timeout })
  })
})
