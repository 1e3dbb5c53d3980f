import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/:shopId(\\d+)/addresses', name: 'addresses', component: () => import('./pages/Addresses.vue') },
] satisfies RouteRecordRaw[]
