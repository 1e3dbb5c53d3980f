import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/shops/:shopId(\\d+)/checklists', name: 'checklists', component: () => import('./pages/Templates.vue'), meta: { menu: 'live', title: 'checklists.title' } },
  { path: '/shops/:shopId(\\d+)/rooms/:roomId(\\d+)/checklist', name: 'room-checklist', component: () => import('./pages/RoomChecklist.vue'), meta: { menu: 'live', title: 'checklists.room_title' } },
] satisfies RouteRecordRaw[]
