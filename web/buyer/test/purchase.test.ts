import { ApiProblem, type Order } from '@liveshelf/api'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import { chooseAddress } from '../src/app/address/api'
import { placeOrder, startPayment } from '../src/features/checkout/api'
import { usePurchase, type Draft, type Purchase } from '../src/features/checkout/purchase'

vi.mock('../src/features/checkout/api', () => ({ placeOrder: vi.fn(), startPayment: vi.fn() }))

vi.mock('../src/app/address/api', () => ({ chooseAddress: vi.fn() }))

const place = vi.mocked(placeOrder)
const pay = vi.mocked(startPayment)
const DRAFT: Draft = { lines: [{ sku_id: 10, quantity: 1 }], expected_total_fen: 9950, room_id: 33, goods_id: 1 }
const ORDER = { order_id: '726354110000' } as Order
const queueing = (n: number) => new ApiProblem('checkout.queueing', 503, 'wait', '', '', [], { place: n, retry_after_s: 1 })
const idOf = (call: number) => place.mock.calls[call]![1].request_id

let go = vi.fn<(url: string) => void>()

function start(): Purchase {
  return effectScope().run(() => usePurchase(() => 1, go))!
}

beforeEach(() => {
  sessionStorage.clear()
  vi.useFakeTimers()
  go = vi.fn()
  place.mockReset()
  pay.mockReset()
  pay.mockResolvedValue({ payment_id: '5', pay_url: '/simulator/pay/abc', code_url: '', code_image: '', jsapi: {} })
  vi.stubGlobal('innerWidth', 390)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('buying', () => {
  it('orders, starts the payment and goes to the pay page', async () => {
    place.mockResolvedValue(ORDER)
    await start().buy(DRAFT)
    expect(pay.mock.calls[0]!.slice(0, 2)).toEqual([1, ORDER.order_id])
    expect(go).toHaveBeenCalledWith(`${location.origin}/simulator/pay/abc?lang=zh`)
  })

  it('goes to a page of our own where a phone scans a code', async () => {
    vi.stubGlobal('innerWidth', 1440)
    place.mockResolvedValue(ORDER)
    await start().buy(DRAFT)
    expect(pay).not.toHaveBeenCalled()
    expect(go).toHaveBeenCalledWith(`/shop/1/orders/${ORDER.order_id}/pay`)
  })

  it('holds the goods first where an address is missing, and pays once it has one', async () => {
    place.mockResolvedValue({ ...ORDER, needs_address: true })
    const purchase = start()
    await purchase.buy(DRAFT)
    expect(purchase.homeless.value).toBe(true)
    expect(pay).not.toHaveBeenCalled()
    await purchase.deliver(7)
    expect(vi.mocked(chooseAddress).mock.calls[0]!.filter((_, at) => at !== 2)).toEqual([1, ORDER.order_id, 7])
    expect(purchase.homeless.value).toBe(false)
    expect(go).toHaveBeenCalledTimes(1)
  })

  it('queues with the same request id and says its place', async () => {
    place.mockRejectedValueOnce(queueing(7)).mockRejectedValueOnce(queueing(3)).mockResolvedValue(ORDER)
    const purchase = start()
    const done = purchase.buy(DRAFT)
    await vi.advanceTimersByTimeAsync(0)
    expect(purchase.place.value).toBe(7)
    await vi.advanceTimersByTimeAsync(1000)
    expect(purchase.place.value).toBe(3)
    await vi.advanceTimersByTimeAsync(1000)
    await done
    expect(new Set([idOf(0), idOf(1), idOf(2)]).size).toBe(1)
    expect(go).toHaveBeenCalledTimes(1)
    expect(purchase.place.value).toBeNull()
  })

  it('can be told to stop waiting, and goes on with the same wish at the next press', async () => {
    place.mockRejectedValueOnce(queueing(7)).mockResolvedValue(ORDER)
    const purchase = start()
    const done = purchase.buy(DRAFT)
    await vi.advanceTimersByTimeAsync(0)
    purchase.stopWaiting()
    await done
    expect(purchase.busy.value).toBe(false)
    await purchase.buy(DRAFT)
    expect(idOf(1)).toBe(idOf(0))
  })

  it('asks again with the same id after a lost answer, and with a new one for another quantity', async () => {
    place.mockRejectedValue(new ApiProblem('client.network', 0, 'lost'))
    const purchase = start()
    await purchase.buy(DRAFT)
    await purchase.buy(DRAFT)
    await purchase.buy({ ...DRAFT, lines: [{ sku_id: 10, quantity: 2 }] })
    expect(idOf(1)).toBe(idOf(0))
    expect(idOf(2)).not.toBe(idOf(1))
  })

  it('asks for the same order after a reload in the middle', async () => {
    place.mockRejectedValueOnce(new ApiProblem('client.network', 0, 'lost')).mockResolvedValue(ORDER)
    await start().buy(DRAFT)
    await start().buy(DRAFT)
    expect(idOf(1)).toBe(idOf(0))
    await start().buy(DRAFT)
    expect(idOf(2)).not.toBe(idOf(1))
  })

  it('shows a refusal and makes a new wish of the next press', async () => {
    const refused = new ApiProblem('stock.insufficient', 409, 'none', '', '', [], { available: 0 })
    place.mockRejectedValue(refused)
    const purchase = start()
    await purchase.buy(DRAFT)
    expect(purchase.error.value).toBe(refused)
    await purchase.buy(DRAFT)
    expect(idOf(1)).not.toBe(idOf(0))
    expect(go).not.toHaveBeenCalled()
  })

  it('keeps the order in sight when only the payment could not be started', async () => {
    place.mockResolvedValue(ORDER)
    pay.mockRejectedValue(new ApiProblem('client.timeout', 0, 'slow'))
    const purchase = start()
    await purchase.buy(DRAFT)
    expect(purchase.order.value).toBe(ORDER)
    expect(purchase.error.value).not.toBeNull()
  })
})
