import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/:shopId(\\d+)/rooms/:roomId(\\d+)',
    name: 'room',
    meta: { immersive: true },
    component: () => import('./pages/Room.vue'),
  },
  {
    // The room's number under another name: what is bought here is bought outside of the room, which is over.
    path: '/:shopId(\\d+)/replays/:replayOf(\\d+)',
    name: 'replay',
    component: () => import('./pages/Replay.vue'),
  },
] satisfies RouteRecordRaw[]
