import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/shops/:shopId(\\d+)/clocks',
    name: 'clocks',
    component: () => import('./pages/Board.vue'),
    meta: { menu: 'clocks', title: 'app.menu.clocks' },
  },
  {
    path: '/shops/:shopId(\\d+)/clocks/missed',
    name: 'clocks-missed',
    component: () => import('./pages/Missed.vue'),
    meta: { menu: 'clocks', title: 'clocks.missed' },
  },
  {
    path: '/shops/:shopId(\\d+)/clocks/limits',
    name: 'clocks-limits',
    component: () => import('./pages/Limits.vue'),
    meta: { menu: 'clocks', title: 'clocks.limits.title' },
  },
] satisfies RouteRecordRaw[]
