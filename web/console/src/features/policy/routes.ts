import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/policy', name: 'policy', component: () => import('./pages/Policy.vue'), meta: { menu: 'policy', title: 'app.menu.policy' } },
  {
    path: '/shops/:shopId(\\d+)/waivers', name: 'waivers', component: () => import('./pages/Waivers.vue'), meta: { menu: 'shop', title: 'policy.waivers' },
  },
] as RouteRecordRaw[]
