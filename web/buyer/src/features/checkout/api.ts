import { api, take, type Order, type OrderDraft, type Payment } from '@liveshelf/api'
import { ensureMe } from '../../app/me'

export async function placeOrder(shopId: number, draft: OrderDraft): Promise<Order> {
  // An order needs somebody to belong to; a guest will do.
  await ensureMe(shopId)
  return take(api.POST('/v1/storefront/{shop_id}/orders', { params: { path: { shop_id: shopId } }, body: draft }))
}

export function startPayment(shopId: number, orderId: string, requestId: string): Promise<Payment> {
  const path = { shop_id: shopId, order_id: orderId }
  return take(
    api.POST('/v1/storefront/{shop_id}/orders/{order_id}/pay', { params: { path }, body: { request_id: requestId } }),
  )
}
