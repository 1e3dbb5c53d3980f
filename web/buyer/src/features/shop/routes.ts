import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/:shopId(\\d+)', name: 'shop', component: () => import('./pages/Home.vue') },
] satisfies RouteRecordRaw[]
