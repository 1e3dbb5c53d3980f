import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/:shopId(\\d+)/orders', name: 'orders', component: () => import('./pages/Orders.vue') },
  { path: '/:shopId(\\d+)/orders/:orderId(\\d+)', name: 'order', component: () => import('./pages/Order.vue') },
] satisfies RouteRecordRaw[]
