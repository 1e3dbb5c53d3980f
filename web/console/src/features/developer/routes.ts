import type { RouteRecordRaw } from 'vue-router'

const PLACE = '/shops/:shopId(\\d+)/developer'
const meta = { menu: 'developer', title: 'app.menu.developer' }

export default [
  { path: PLACE, name: 'developer', component: () => import('./pages/Overview.vue'), meta },
  { path: `${PLACE}/push`, name: 'push', component: () => import('./pages/Push.vue'), meta },
  { path: `${PLACE}/faults`, name: 'faults', component: () => import('./pages/Faults.vue'), meta },
  { path: `${PLACE}/calls`, name: 'calls', component: () => import('./pages/Calls.vue'), meta },
  { path: `${PLACE}/reset`, name: 'reset', component: () => import('./pages/Reset.vue'), meta },
] satisfies RouteRecordRaw[]
