/** What WeChat's own browser gives to pages: asked by name, answered once. */
interface Bridge {
  invoke: (name: string, given: Record<string, string>, told: (answer: { err_msg?: string }) => void) => void
}

declare global {
  interface Window {
    WeixinJSBridge?: Bridge
  }
}

/** The bridge comes a moment after the page; without WeChat it never does. */
const READY_MS = 5_000

function bridge(): Promise<Bridge> {
  return new Promise((resolve, reject) => {
    if (window.WeixinJSBridge) return resolve(window.WeixinJSBridge)
    const timer = setTimeout(() => reject(new Error('no WeixinJSBridge')), READY_MS)
    document.addEventListener(
      'WeixinJSBridgeReady',
      () => {
        clearTimeout(timer)
        if (window.WeixinJSBridge) resolve(window.WeixinJSBridge)
      },
      { once: true },
    )
  })
}

/** WeChat's word is no proof of payment: whoever asks the order knows. */
export type Told = 'ok' | 'cancel' | 'fail'

/** Opens WeChat's own payment over this page. Rejects where there is no WeChat around it. */
export async function payInWechat(given: Record<string, string>): Promise<Told> {
  const found = await bridge()
  return new Promise((resolve) => {
    found.invoke('getBrandWCPayRequest', given, ({ err_msg = '' }) => {
      const word = err_msg.split(':').at(-1)
      resolve(word === 'ok' || word === 'cancel' ? word : 'fail')
    })
  })
}
