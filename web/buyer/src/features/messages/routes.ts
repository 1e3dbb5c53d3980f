import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/:shopId(\\d+)/notices', name: 'notices', component: () => import('./pages/Notices.vue') },
] satisfies RouteRecordRaw[]
