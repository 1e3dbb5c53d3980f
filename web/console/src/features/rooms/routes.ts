import type { RouteRecordRaw } from 'vue-router'

const SHOP = '/shops/:shopId(\\d+)'

export default [
  { path: `${SHOP}/rooms`, name: 'rooms', component: () => import('./pages/Rooms.vue'), meta: { menu: 'live', title: 'app.menu.live' } },
  {
    path: `${SHOP}/rooms/:roomId(\\d+)`,
    name: 'desk',
    component: () => import('./pages/Desk.vue'),
    meta: { menu: 'live', title: 'rooms.desk', rail: true },
  },
  { path: `${SHOP}/rooms/:roomId(\\d+)/before`, name: 'room-before', component: () => import('./pages/Before.vue'), meta: { menu: 'live', title: 'rooms.before.title' } },
  { path: `${SHOP}/rooms/:roomId(\\d+)/watch`, name: 'room-watch', component: () => import('./pages/Watch.vue'), meta: { menu: 'live', title: 'rooms.watch.title' } },
] satisfies RouteRecordRaw[]
