import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/announcements', name: 'announcements', component: () => import('./pages/Announcements.vue'), meta: { menu: 'announcements', title: 'app.menu.announcements' } },
] satisfies RouteRecordRaw[]
