import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/shops/:shopId(\\d+)/privacy', name: 'privacy', component: () => import('./pages/Requests.vue'), meta: { menu: 'privacy', title: 'app.menu.privacy' } },
] satisfies RouteRecordRaw[]
