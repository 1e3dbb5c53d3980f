/**
 * Runs first, before Vue and everything else is here: starts to fetch what this address will need.
 *
 * Wrong guesses cost nothing but a little traffic, since the app asks again for whatever is missing.
 */
import { askEarly } from '@liveshelf/api/early'

const [, shop, part, id] = location.pathname.replace(/^\/shop\//u, '/').split('/')
const store = `/v1/storefront/${shop}`
const isId = (text: string | undefined) => /^\d+$/u.test(text ?? '')

function language(): string | null {
  try {
    return localStorage.getItem('liveshelf.locale')
  } catch {
    return null
  }
}

askEarly('/v1/system')
void (language() === 'en' ? import('./texts.en') : import('./texts.zh'))
if (isId(shop) && !part) {
  askEarly(store)
  void import('../features/shop/pages/Home.vue')
} else if (isId(shop) && part === 'rooms' && isId(id)) {
  askEarly(`${store}/rooms/${id}`)
  askEarly(`${store}/me`)
  void import('../features/room/pages/Room.vue')
} else if (isId(shop) && part === 'goods' && isId(id)) {
  askEarly(`${store}/goods/${id}`)
  void import('../features/goods/pages/Goods.vue')
}
