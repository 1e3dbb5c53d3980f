import type { RouteRecordRaw } from 'vue-router'

const SHOP = '/shops/:shopId(\\d+)'
const meta = { menu: 'goods', title: 'app.menu.goods' }

export default [
  { path: `${SHOP}/products`, name: 'products', component: () => import('./pages/Products.vue'), meta },
  { path: `${SHOP}/products/new`, name: 'product-new', component: () => import('./pages/ProductEditor.vue'), meta },
  { path: `${SHOP}/products/:productId(\\d+)`, name: 'product', component: () => import('./pages/ProductEditor.vue'), meta },
  { path: `${SHOP}/goods`, name: 'goods', component: () => import('./pages/Library.vue'), meta },
] satisfies RouteRecordRaw[]
