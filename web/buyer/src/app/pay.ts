import { currentLocale } from '@liveshelf/kit/buyer'

const SIMULATOR = '/simulator/pay/'

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
