import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/shops/:shopId(\\d+)/orders',
    name: 'orders',
    component: () => import('./pages/Orders.vue'),
    meta: { menu: 'orders', title: 'app.menu.orders' },
  },
] satisfies RouteRecordRaw[]
