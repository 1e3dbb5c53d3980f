import { setLocale } from '@liveshelf/kit/buyer'
import { afterAll, describe, expect, it } from 'vitest'
import { payAddress } from '../src/app/pay'

afterAll(() => setLocale('zh'))

describe('where the buyer pays', () => {
  it('is the simulated page in the language of this app', async () => {
    expect(payAddress('/simulator/pay/abc')).toBe(`${location.origin}/simulator/pay/abc?lang=zh`)
    await setLocale('en')
    expect(payAddress('https://shop.test/simulator/pay/abc')).toBe('https://shop.test/simulator/pay/abc?lang=en')
  })

  it("is a provider's own address as it came", () => {
    expect(payAddress('https://pay.test/h5?sign=a%2Bb')).toBe('https://pay.test/h5?sign=a%2Bb')
  })
})
