import { useI18n } from 'vue-i18n'
import { useRouter, type RouteLocationRaw } from 'vue-router'
import { useShopId } from './session'

export interface Subject {
  text: string
  /** Where it is seen, or null for what has no page. */
  to: RouteLocationRaw | null
}

/** The page of a thing by its kind; the first route that this console has. */
const PLACES: Record<string, (id: string, shopId: number) => RouteLocationRaw & { name: string }> = {
  order: (id, shopId) => ({ name: 'orders', params: { shopId }, query: { open: id } }),
  room: (id, shopId) => ({ name: 'desk', params: { shopId, roomId: id } }),
  goods: (id, shopId) => ({ name: 'goods', params: { shopId }, query: { open: id } }),
  product: (id, shopId) => ({ name: 'product', params: { shopId, productId: id } }),
  sku: (id, shopId) => ({ name: 'stock', params: { shopId }, query: { open: id } }),
  aftersale: (id, shopId) => ({ name: 'aftersales', params: { shopId }, query: { open: id } }),
  case: (id, shopId) => ({ name: 'aftersales', params: { shopId }, query: { open: id } }),
  review: (id, shopId) => ({ name: 'own-reviews', params: { shopId }, query: { open: id } }),
  penalty: (id, shopId) => ({ name: 'penalties', params: { shopId }, query: { open: id } }),
  arbitration: (id) => ({ name: 'arbitrations', query: { open: id } }),
  shop: (_id, shopId) => ({ name: 'opening', params: { shopId } }),
  paper: (_id, shopId) => ({ name: 'papers', params: { shopId } }),
  permission: (_id, shopId) => ({ name: 'live-permission', params: { shopId } }),
  enterprise: (_id, shopId) => ({ name: 'wecom', params: { shopId } }),
  refund: (_id, shopId) => ({ name: 'money', params: { shopId } }),
}

/** What the server calls "order:41", for people: its name and its page. */
export function useSubject(): (subject: string) => Subject {
  const { t, te } = useI18n()
  const router = useRouter()
  const shopId = useShopId()
  return (subject) => {
    const [kind = '', id = ''] = subject.split(':', 2)
    const text = te(`app.subject.${kind}`) ? t(`app.subject.${kind}`, { id }) : subject
    const place = PLACES[kind]?.(id, shopId.value)
    return { text, to: place && router.hasRoute(place.name) ? place : null }
  }
}
