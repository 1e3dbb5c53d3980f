import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/calendar', name: 'calendar', component: () => import('./pages/Calendar.vue'), meta: { menu: 'calendar', title: 'app.menu.calendar' } },
] satisfies RouteRecordRaw[]
