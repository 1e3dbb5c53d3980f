import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/shops/:shopId(\\d+)/recordings',
    name: 'recordings',
    component: () => import('./pages/Recordings.vue'),
    meta: { menu: 'live', title: 'video.recordings' },
  },
] satisfies RouteRecordRaw[]
