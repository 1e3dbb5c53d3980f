import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/shops/:shopId(\\d+)', name: 'workbench', component: () => import('./pages/Workbench.vue') },
] satisfies RouteRecordRaw[]
