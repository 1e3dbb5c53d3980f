import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/reviews', name: 'reviews', component: () => import('./pages/ReviewDesk.vue'), meta: { menu: 'reviews', title: 'app.menu.reviews' } },
  { path: '/shops/:shopId(\\d+)/reviews', name: 'own-reviews', component: () => import('./pages/OwnCases.vue'), meta: { menu: 'own-reviews', title: 'app.menu.own-reviews' } },
] satisfies RouteRecordRaw[]
