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
] satisfies RouteRecordRaw[]
