import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/:shopId(\\d+)/me', name: 'me', component: () => import('./pages/Me.vue') },
] satisfies RouteRecordRaw[]
