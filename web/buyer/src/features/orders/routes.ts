import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/:shopId(\\d+)/orders', name: 'orders', component: () => import('./pages/Orders.vue') },
  { path: '/:shopId(\\d+)/orders/:orderId(\\d+)', name: 'order', component: () => import('./pages/Order.vue') },
  { path: '/:shopId(\\d+)/orders/:orderId(\\d+)/pay', name: 'pay', component: () => import('./pages/Pay.vue') },
] satisfies RouteRecordRaw[]
