import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/policy', name: 'policy', component: () => import('./pages/Policy.vue'), meta: { menu: 'policy', title: 'app.menu.policy' } },
] as RouteRecordRaw[]
