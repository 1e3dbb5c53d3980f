import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/:shopId(\\d+)/rooms/:roomId(\\d+)',
    name: 'room',
    meta: { immersive: true },
    component: () => import('./pages/Room.vue'),
  },
] satisfies RouteRecordRaw[]
