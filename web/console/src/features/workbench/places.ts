import type { IconName } from '@liveshelf/kit/console'
import type { RouteLocationRaw } from 'vue-router'

interface Place {
  icon: IconName
  to: RouteLocationRaw
}

const PLACES: Record<string, Place> = {
  reviews: { icon: 'review', to: { name: 'goods', query: { state: 'in_audit' } } },
  rejected_goods: { icon: 'alert', to: { name: 'goods', query: { state: 'rejected' } } },
  low_stock: { icon: 'goods', to: { name: 'stock', query: { show: 'low' } } },
  orders_to_ship: { icon: 'orders', to: { name: 'orders', query: { state: 'to_ship' } } },
  rooms_soon: { icon: 'live', to: { name: 'rooms', query: { state: 'scheduled' } } },
}

/** Where the work of one kind is done, or null for a kind this console is too old to know. */
export function placeOf(kind: string): Place | null {
  return PLACES[kind] ?? null
}
