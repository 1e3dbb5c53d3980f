import { currentLocale } from '@liveshelf/kit/buyer'

const SIMULATOR = '/simulator/pay/'
const SIMULATED_APP = 'wxsimulated0000000'
const PREPAID = 'prepay_id='
const PHONE = /Mobi|Android|iPhone|iPad|HarmonyOS/u
/** From this width on a window without a touch screen is somebody's computer: they pay with the phone beside it. */
const COMPUTER_PX = 600

export type Scene = 'h5' | 'native' | 'jsapi'

/** How whoever looks at this page can pay: inside WeChat, with a code that a phone scans, or in this browser. */
export function payScene(): Scene {
  if (/MicroMessenger/iu.test(navigator.userAgent)) return 'jsapi'
  const touch = window.matchMedia?.('(pointer: coarse)').matches ?? false
  return touch || PHONE.test(navigator.userAgent) || window.innerWidth < COMPUTER_PX ? 'h5' : 'native'
}

/** Our own page for what is not simply another address. */
export const payPage = (shopId: number, orderId: string): string => `/shop/${shopId}/orders/${orderId}/pay`

/**
 * Where the buyer goes to pay. The simulated page is ours and speaks the language that this app is shown in, which
 * may not be the browser's; a provider's own address is signed and stays as it is.
 */
export function payAddress(payUrl: string): string {
  const url = new URL(payUrl, location.origin)
  if (!url.pathname.startsWith(SIMULATOR)) return payUrl
  url.searchParams.set('lang', currentLocale())
  return url.href
}

/** The simulated page of a code or of WeChat's page function, which leads back to `home`; null for the real ones. */
export function simulatedPage(payment: { code_url: string; jsapi: Record<string, string> }, home: string): string | null {
  const { appId, package: prepaid = '' } = payment.jsapi
  const address = appId === SIMULATED_APP ? `${SIMULATOR}${prepaid.replace(PREPAID, '')}?via=jsapi` : payment.code_url
  if (address === '') return null
  const url = new URL(address, location.origin)
  if (!url.pathname.startsWith(SIMULATOR)) return null
  url.searchParams.set('redirect_url', home)
  return payAddress(url.pathname + url.search)
}
