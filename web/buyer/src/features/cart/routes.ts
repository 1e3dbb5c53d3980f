import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/:shopId(\\d+)/cart', name: 'cart', component: () => import('./pages/Cart.vue') },
] satisfies RouteRecordRaw[]
