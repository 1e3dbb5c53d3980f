import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/:shopId(\\d+)/checkout', name: 'checkout', meta: { ownBar: true }, component: () => import('./pages/Checkout.vue') },
] satisfies RouteRecordRaw[]
