import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/shops/:shopId(\\d+)',
    name: 'workbench',
    component: () => import('./pages/Workbench.vue'),
    meta: { menu: 'workbench', title: 'app.menu.workbench' },
  },
] satisfies RouteRecordRaw[]
