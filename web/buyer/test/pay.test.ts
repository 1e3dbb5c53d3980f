import { setLocale } from '@liveshelf/kit/buyer'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { payAddress, payScene, simulatedPage } from '../src/app/pay'
import { payInWechat } from '../src/app/wechat'

afterAll(() => setLocale('zh'))
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
  delete window.WeixinJSBridge
})

const COMPUTER = 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140'
const seenFrom = (userAgent: string, innerWidth: number) => {
  vi.stubGlobal('navigator', { userAgent })
  vi.stubGlobal('innerWidth', innerWidth)
  return payScene()
}

describe('where the buyer pays', () => {
  it('is the simulated page in the language of this app', async () => {
    expect(payAddress('/simulator/pay/abc')).toBe(`${location.origin}/simulator/pay/abc?lang=zh`)
    await setLocale('en')
    expect(payAddress('https://shop.test/simulator/pay/abc')).toBe('https://shop.test/simulator/pay/abc?lang=en')
  })

  it("is a provider's own address as it came", () => {
    expect(payAddress('https://pay.test/h5?sign=a%2Bb')).toBe('https://pay.test/h5?sign=a%2Bb')
  })

  it('is WeChat inside WeChat, a code on a computer, and this browser on a phone', () => {
    expect(seenFrom('Mozilla/5.0 (iPhone) Mobile/15E148 MicroMessenger/8.0.50', 390)).toBe('jsapi')
    expect(seenFrom('Mozilla/5.0 (Windows NT 10.0) WindowsWechat MicroMessenger/7.0', 1200)).toBe('jsapi')
    expect(seenFrom(COMPUTER, 1440)).toBe('native')
    expect(seenFrom('Mozilla/5.0 (Linux; Android 15) Chrome/140 Mobile', 900)).toBe('h5')
    expect(seenFrom(COMPUTER, 390)).toBe('h5')
  })

  it('has a page for the simulated ways, and none for the real ones', () => {
    const home = '/shop/1/orders/5'
    const page = (code_url: string, jsapi: Record<string, string> = {}) => simulatedPage({ code_url, jsapi }, home)
    expect(page('http://127.0.0.1:8000/simulator/pay/abc?via=native')).toContain('/simulator/pay/abc?via=native&redirect_url=%2Fshop%2F1%2Forders%2F5')
    expect(page('', { appId: 'wxsimulated0000000', package: 'prepay_id=abc' })).toContain('/simulator/pay/abc?via=jsapi')
    expect(page('weixin://wxpay/bizpayurl?pr=1')).toBeNull()
    expect(page('', { appId: 'wx1234', package: 'prepay_id=abc' })).toBeNull()
  })

  it("asks WeChat's own window, and knows its three answers", async () => {
    const invoke = vi.fn((_name: string, _given: Record<string, string>, told: (answer: { err_msg?: string }) => void) =>
      told({ err_msg: 'get_brand_wcpay_request:ok' }),
    )
    const waiting = payInWechat({ appId: 'wx1' })
    window.WeixinJSBridge = { invoke }
    document.dispatchEvent(new Event('WeixinJSBridgeReady'))
    expect(await waiting).toBe('ok')
    expect(invoke.mock.calls[0]!.slice(0, 2)).toEqual(['getBrandWCPayRequest', { appId: 'wx1' }])
    invoke.mockImplementationOnce((_name, _given, told) => told({ err_msg: 'get_brand_wcpay_request:cancel' }))
    expect(await payInWechat({})).toBe('cancel')
    invoke.mockImplementationOnce((_name, _given, told) => told({}))
    expect(await payInWechat({})).toBe('fail')
  })

  it('says so where there is no WeChat', async () => {
    vi.useFakeTimers()
    const waiting = payInWechat({})
    const refused = expect(waiting).rejects.toThrow('WeixinJSBridge')
    await vi.advanceTimersByTimeAsync(6_000)
    await refused
  })
})
