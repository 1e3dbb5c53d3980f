import { i18n, setLocale } from '@liveshelf/kit/buyer'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createApp, h, nextTick } from 'vue'
import { mintLoginCode } from '../src/features/me/api'
import LoginCode from '../src/features/me/parts/LoginCode.vue'
import en from '../src/features/me/text.en.json'

vi.mock('../src/features/me/api', () => ({ mintLoginCode: vi.fn() }))
const mint = vi.mocked(mintLoginCode)
const CODE = { code: '0a1b2c3d', expires_at: '2026-11-22T10:05:00Z' }

async function show() {
  await setLocale('en')
  i18n.global.mergeLocaleMessage('en', { me: en })
  const host = document.createElement('div')
  createApp({ render: () => h(LoginCode, { shopId: 3 }) }).use(i18n).mount(host)
  const at = (testid: string) => host.querySelector<HTMLElement>(`[data-testid=${testid}]`)
  return { host, at }
}

beforeEach(() => mint.mockReset())

describe('the login code for developers', () => {
  it('is made on request, with its end, and can be copied', async () => {
    mint.mockResolvedValue(CODE)
    const writeText = vi.fn().mockResolvedValue(undefined)
    vi.stubGlobal('navigator', { clipboard: { writeText } })
    const { host, at } = await show()
    expect(at('login-code')!.tagName).toBe('DETAILS')
    expect(at('login-code-value')).toBeNull()
    at('login-code-make')!.click()
    await vi.waitFor(() => expect(at('login-code-value')?.textContent).toBe(CODE.code))
    expect(mint).toHaveBeenCalledWith(3)
    expect(host.textContent).toContain('2026')
    at('login-code-copy')!.click()
    expect(writeText).toHaveBeenCalledWith(CODE.code)
    vi.unstubAllGlobals()
  })

  it('has no copy button where browsers offer no clipboard', async () => {
    mint.mockResolvedValue(CODE)
    const { at } = await show()
    at('login-code-make')!.click()
    await vi.waitFor(() => expect(at('login-code-value')).not.toBeNull())
    await nextTick()
    expect(at('login-code-copy')).toBeNull()
  })
})
