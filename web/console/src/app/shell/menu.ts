import type { Permission, Session } from '@liveshelf/api'
import type { IconName } from '@liveshelf/kit/console'
import type { RouteLocationRaw } from 'vue-router'
import { allowed } from '../session'

export interface MenuEntry {
  name: string
  icon: IconName
  to: RouteLocationRaw
}

interface Place {
  name: string
  icon: IconName
  route: string
  /** Any one of these is enough; none means everybody who works in the shop. */
  needs: readonly Permission[]
  platform?: boolean
}

/** The work of the people here, in the order of a day. */
const PLACES: readonly Place[] = [
  { name: 'workbench', icon: 'home', route: 'workbench', needs: [] },
  { name: 'live', icon: 'live', route: 'rooms', needs: ['rooms.read'] },
  { name: 'goods', icon: 'goods', route: 'products', needs: ['goods.read'] },
  { name: 'own-reviews', icon: 'review', route: 'own-reviews', needs: ['cases.read'] },
  { name: 'stock', icon: 'stock', route: 'stock', needs: ['goods.read'] },
  { name: 'orders', icon: 'orders', route: 'orders', needs: ['orders.read'] },
  { name: 'aftersales', icon: 'aftersales', route: 'aftersales', needs: ['aftersales.read'] },
  { name: 'money', icon: 'money', route: 'money', needs: ['money.read'] },
  { name: 'clocks', icon: 'clock', route: 'clocks', needs: ['clocks.read'] },
  { name: 'words', icon: 'review', route: 'words', needs: ['words.read'] },
  { name: 'shop', icon: 'shop', route: 'opening', needs: ['shop.write'] },
  { name: 'penalties', icon: 'alert', route: 'penalties', needs: ['cases.read'] },
  { name: 'announcements', icon: 'bell', route: 'announcements', needs: [] },
  { name: 'developer', icon: 'code', route: 'developer', needs: ['developer.read'] },
  { name: 'people', icon: 'people', route: 'people', needs: ['people.read'] },
  { name: 'privacy', icon: 'key', route: 'privacy', needs: ['privacy.read'] },
  { name: 'records', icon: 'records', route: 'trail', needs: ['trail.read'] },
  { name: 'reviews', icon: 'review', route: 'reviews', needs: ['reviews.read'], platform: true },
  { name: 'lexicon', icon: 'records', route: 'lexicon', needs: ['lexicon.read'], platform: true },
  { name: 'compliance', icon: 'alert', route: 'compliance', needs: ['penalties.read'], platform: true },
  { name: 'announcements', icon: 'bell', route: 'announcements', needs: ['announcements.write'], platform: true },
  { name: 'calendar', icon: 'calendar', route: 'calendar', needs: ['reviews.read'], platform: true },
  { name: 'arbitrations', icon: 'scales', route: 'arbitrations', needs: ['arbitration.read'], platform: true },
  { name: 'merchants', icon: 'shop', route: 'merchants', needs: ['merchants.read'], platform: true },
  { name: 'policy', icon: 'records', route: 'policy', needs: ['policy.read'], platform: true },
]

export function menuOf(session: Session | undefined, shopId: number): MenuEntry[] {
  if (!session) return []
  const member = session.shops.some((shop) => shop.shop_id === shopId)
  const offered = PLACES.filter((place) => {
    if (place.platform) return place.needs.some((need) => session.platform_permissions.includes(need))
    return member && (place.needs.length === 0 || place.needs.some((need) => allowed(session, shopId, need)))
  })
  // What stands there for the shop and for the platform is one page.
  const once = offered.filter((place, at) => offered.findIndex((one) => one.name === place.name) === at)
  return once.map(({ name, icon, route, platform }) => ({ name, icon, to: { name: route, params: platform ? {} : { shopId } } }))
}

/** Where somebody starts after signing in: the own shop, else the work for the platform. */
export function firstPlace(session: Session): RouteLocationRaw | null {
  return menuOf(session, session.shops[0]?.shop_id ?? 0)[0]?.to ?? null
}
