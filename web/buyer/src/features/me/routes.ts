import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/:shopId(\\d+)/me', name: 'me', component: () => import('./pages/Me.vue') },
  { path: '/:shopId(\\d+)/me/privacy', name: 'privacy', component: () => import('./pages/Privacy.vue') },
] satisfies RouteRecordRaw[]
