import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/shops/:shopId(\\d+)/rooms/:roomId(\\d+)/timeline',
    name: 'timeline',
    component: () => import('./pages/Timeline.vue'),
    meta: { menu: 'live', title: 'timeline.title' },
  },
] satisfies RouteRecordRaw[]
