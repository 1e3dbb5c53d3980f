import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/shops/:shopId(\\d+)/rooms/:roomId(\\d+)/rehearsal',
    name: 'room-rehearsal',
    component: () => import('./pages/Rehearsal.vue'),
    meta: { menu: 'live', title: 'rehearsals.title' },
  },
] satisfies RouteRecordRaw[]
