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
] satisfies RouteRecordRaw[]
