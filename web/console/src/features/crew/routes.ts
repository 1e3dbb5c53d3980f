import type { RouteRecordRaw } from 'vue-router'

const SHOP = '/shops/:shopId(\\d+)'

export default [
  { path: `${SHOP}/room-people`, name: 'room-people', component: () => import('./pages/People.vue'), meta: { menu: 'live', title: 'crew.people.title' } },
  { path: `${SHOP}/rooms/:roomId(\\d+)/settings`, name: 'room-settings', component: () => import('./pages/RoomSettings.vue'), meta: { menu: 'live', title: 'crew.settings.title' } },
] satisfies RouteRecordRaw[]
