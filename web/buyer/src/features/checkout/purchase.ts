import { ApiProblem, uuidv7, type Order, type OrderDraft } from '@liveshelf/api'
import { computed, onScopeDispose, ref, shallowRef, type ComputedRef, type Ref } from 'vue'
import { payAddress, payPage, payScene } from '../../app/pay'
import { chooseAddress } from '../../app/address/api'
import { placeOrder, startPayment } from './api'
import { keep, recall } from './papers'

export type Draft = Omit<OrderDraft, 'request_id'>

export interface Purchase {
  busy: Ref<boolean>
  /** The place in the queue while the server asks to wait, else null. */
  place: Ref<number | null>
  error: Ref<unknown>
  /** The order that was placed; paying for it may still have failed. */
  order: Ref<Order | null>
  /** The order holds its goods, and waits to be told where it goes. */
  homeless: ComputedRef<boolean>
  buy: (draft: Draft) => Promise<void>
  /** Send the order there, and go on to pay it. */
  deliver: (addressId: number) => Promise<void>
  stopWaiting: () => void
}

/**
 * The id of a wish while its outcome is unknown, kept in this tab: a reload in the middle asks for the same order
 * again. Another SKU or quantity is another wish, even after a lost answer.
 */
class KeptWish {
  static readonly #KEY = 'liveshelf.wish'

  idOf(words: string): string {
    const known = recall<{ words: string; id: string }>(KeptWish.#KEY)
    if (known?.words === words) return known.id
    const id = uuidv7()
    keep(KeptWish.#KEY, { words, id })
    return id
  }

  settle(): void {
    keep(KeptWish.#KEY, null)
  }
}

const WAIT_DEFAULT_S = 2
/** Nobody stands in a queue for ever: then it is said that it did not work. */
const WAIT_TRIES_MAX = 30

/**
 * From the press of the button to the pay page: order, then payment, each with its own request id.
 *
 * While the server says "queueing", the same request is sent again when it asked for it; a lost answer keeps
 * the id too, so that a second press can't make a second order.
 */
export function usePurchase(shopId: () => number, go: (payUrl: string) => void | Promise<void>): Purchase {
  const wish = new KeptWish()
  const busy = ref(false)
  const place = ref<number | null>(null)
  const error = shallowRef<unknown>(null)
  const order = shallowRef<Order | null>(null)
  let wakeUp: ((again: boolean) => void) | null = null

  function wait(seconds: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(true), seconds * 1000)
      wakeUp = (again) => {
        clearTimeout(timer)
        resolve(again)
      }
    })
  }

  async function placed(id: string, draft: Draft): Promise<Order> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await placeOrder(shopId(), { ...draft, request_id: id })
      } catch (problem) {
        const queueing = problem instanceof ApiProblem && problem.code === 'checkout.queueing'
        if (!queueing || tries >= WAIT_TRIES_MAX) throw problem
        place.value = problem.number('place')
        if (!(await wait(problem.number('retry_after_s') ?? WAIT_DEFAULT_S))) throw problem
      }
    }
  }

  async function buy(draft: Draft): Promise<void> {
    if (busy.value) return
    busy.value = true
    error.value = null
    order.value = null
    try {
      const mine = await placed(wish.idOf(`${shopId()} ${JSON.stringify(draft)}`), draft)
      wish.settle()
      order.value = mine
      place.value = null
      if (!mine.needs_address) await pay(mine)
    } catch (problem) {
      if (problem instanceof ApiProblem && !problem.outcomeUnknown) wish.settle()
      error.value = problem
    } finally {
      place.value = null
      busy.value = false
    }
  }

  async function pay({ order_id }: Order): Promise<void> {
    if (payScene() !== 'h5') return void (await go(payPage(shopId(), order_id)))
    const { pay_url } = await startPayment(shopId(), order_id, uuidv7())
    await go(payAddress(pay_url))
  }

  async function deliver(addressId: number): Promise<void> {
    const mine = order.value
    if (busy.value || !mine) return
    busy.value = true
    error.value = null
    try {
      await chooseAddress(shopId(), mine.order_id, uuidv7(), addressId)
      order.value = { ...mine, needs_address: false }
      await pay(mine)
    } catch (problem) {
      error.value = problem
    } finally {
      busy.value = false
    }
  }

  const homeless = computed(() => order.value?.needs_address === true)
  const stopWaiting = () => wakeUp?.(false)
  onScopeDispose(stopWaiting)
  return { busy, place, error, order, homeless, buy, deliver, stopWaiting }
}
