import type { RouteRecordRaw } from 'vue-router'

const meta = { menu: 'aftersales', title: 'app.menu.aftersales' }

export default [
  { path: '/shops/:shopId(\\d+)/aftersales', name: 'aftersales', component: () => import('./pages/Cases.vue'), meta },
  { path: '/shops/:shopId(\\d+)/aftersales/setup', name: 'aftersales-setup', component: () => import('./pages/Setup.vue'), meta },
  {
    path: '/arbitrations',
    name: 'arbitrations',
    component: () => import('./pages/Arbitrations.vue'),
    meta: { menu: 'arbitrations', title: 'app.menu.arbitrations' },
  },
] satisfies RouteRecordRaw[]
