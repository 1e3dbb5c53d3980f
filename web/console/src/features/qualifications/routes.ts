import type { RouteRecordRaw } from 'vue-router'

const at = (path: string, name: string, title: string, component: RouteRecordRaw['component']) => ({
  path: `/shops/:shopId(\\d+)${path}`, name, component, meta: { menu: 'shop', title },
})

export default [
  at('/opening', 'opening', 'qualifications.opening', () => import('./pages/Opening.vue')),
  at('/papers', 'papers', 'qualifications.papers', () => import('./pages/Papers.vue')),
  at('/live-permission', 'live-permission', 'qualifications.live', () => import('./pages/LivePermission.vue')),
  at('/providers', 'providers', 'qualifications.providers', () => import('./pages/Providers.vue')),
  at('/wecom', 'wecom', 'qualifications.wecom_title', () => import('./pages/Wecom.vue')),
  at('/waivers', 'waivers', 'qualifications.waivers', () => import('./pages/Waivers.vue')),
  { path: '/real-name', name: 'real-name', component: () => import('./pages/RealName.vue'), meta: { title: 'qualifications.real_name.title' } },
  { path: '/begin', name: 'begin', component: () => import('./pages/Begin.vue'), meta: { title: 'qualifications.begin' } },
  { path: '/providers', name: 'all-providers', component: () => import('./pages/AllProviders.vue'), meta: { menu: 'merchants', title: 'qualifications.providers' } },
  { path: '/merchants', name: 'merchants', component: () => import('./pages/Merchants.vue'), meta: { menu: 'merchants', title: 'app.menu.merchants' } },
] as RouteRecordRaw[]
