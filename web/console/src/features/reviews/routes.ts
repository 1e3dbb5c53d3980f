import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/reviews', name: 'reviews', component: () => import('./pages/ReviewDesk.vue'), meta: { menu: 'reviews', title: 'app.menu.reviews' } },
] satisfies RouteRecordRaw[]
