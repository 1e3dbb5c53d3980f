import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/penalties', name: 'compliance', component: () => import('./pages/Compliance.vue'), meta: { menu: 'compliance', title: 'app.menu.compliance' } },
  { path: '/shops/:shopId(\\d+)/penalties', name: 'penalties', component: () => import('./pages/OwnPenalties.vue'), meta: { menu: 'penalties', title: 'app.menu.penalties' } },
] satisfies RouteRecordRaw[]
