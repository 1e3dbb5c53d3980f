import { api, take, type InvoiceDraft, type InvoiceTitle, type Order, type OrderDraft, type Payment, type Quote } from '@liveshelf/api'
import { useQuery, type UseQueryReturnType } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { useCart } from '../../app/cart'
import { ensureMe } from '../../app/me'
import { queryClient } from '../../app/query'

export interface LineDraft {
  sku_id: number
  quantity: number
}

/** What the page's address names: `10x2,11x1` is two of SKU 10 and one of SKU 11. */
export function linesOf(text: unknown): LineDraft[] {
  if (typeof text !== 'string') return []
  return text.split(',').flatMap((part) => {
    const match = /^(\d{1,9})x(\d{1,2})$/u.exec(part)
    return match && Number(match[2]) > 0 ? [{ sku_id: Number(match[1]), quantity: Number(match[2]) }] : []
  })
}

export const linesText = (lines: readonly LineDraft[]): string => lines.map((one) => `${one.sku_id}x${one.quantity}`).join(',')

/** What these lines would cost now, with where every fen comes from. */
export function useQuote(shopId: MaybeRefOrGetter<number>, lines: MaybeRefOrGetter<LineDraft[]>): UseQueryReturnType<Quote, Error> {
  return useQuery({
    queryKey: ['quote', shopId, computed(() => linesText(toValue(lines)))],
    staleTime: 0,
    queryFn: () => {
      const wanted = toValue(lines)
      if (wanted.length === 0) return { lines: [], amounts: [], total_fen: 0, needs_address: false }
      return take(
        api.POST('/v1/storefront/{shop_id}/quote', { params: { path: { shop_id: toValue(shopId) } }, body: { lines: wanted } }),
      )
    },
  })
}

/** The cart's selection as a quote: the cart's own answer has it already. */
export function useCartQuote(shopId: MaybeRefOrGetter<number>) {
  const query = useCart(shopId)
  const data = computed<Quote | undefined>(() => query.data.value && { ...query.data.value, lines: query.data.value.lines.filter((one) => one.selected) })
  const roomId = computed(() => query.data.value?.room_id ?? null)
  return { data, error: query.error, isFetching: query.isFetching, refetch: query.refetch, roomId }
}

export async function placeOrder(shopId: number, draft: OrderDraft): Promise<Order> {
  // An order needs somebody to belong to; a guest will do.
  await ensureMe(shopId)
  return take(api.POST('/v1/storefront/{shop_id}/orders', { params: { path: { shop_id: shopId } }, body: draft }))
}

/** The buyer's saved invoice titles, the one used last first; asked for while the form is open. */
export function useTitles(shopId: MaybeRefOrGetter<number>): UseQueryReturnType<InvoiceTitle[], Error> {
  return useQuery({
    queryKey: ['titles', shopId],
    queryFn: async () => {
      const shop_id = toValue(shopId)
      await ensureMe(shop_id)
      return take(api.GET('/v1/storefront/{shop_id}/invoice-titles', { params: { path: { shop_id } } }))
    },
  })
}

export async function keepTitle(shopId: number, requestId: string, invoice: InvoiceDraft): Promise<InvoiceTitle[]> {
  const path = { shop_id: shopId }
  const now = await take(
    api.POST('/v1/storefront/{shop_id}/invoice-titles', { params: { path }, body: { request_id: requestId, invoice } }),
  )
  queryClient.setQueryData(['titles', shopId], now)
  return now
}

export async function removeTitle(shopId: number, titleId: string): Promise<void> {
  const path = { shop_id: shopId, title_id: titleId }
  await take(api.DELETE('/v1/storefront/{shop_id}/invoice-titles/{title_id}', { params: { path } }))
  await queryClient.invalidateQueries({ queryKey: ['titles', shopId] })
}

export function startPayment(shopId: number, orderId: string, requestId: string): Promise<Payment> {
  const path = { shop_id: shopId, order_id: orderId }
  return take(
    api.POST('/v1/storefront/{shop_id}/orders/{order_id}/pay', { params: { path }, body: { request_id: requestId } }),
  )
}
