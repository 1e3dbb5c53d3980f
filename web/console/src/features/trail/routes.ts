import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/shops/:shopId(\\d+)/trail',
    name: 'trail',
    component: () => import('./pages/Trail.vue'),
    meta: { menu: 'records', title: 'app.menu.records' },
  },
] satisfies RouteRecordRaw[]
