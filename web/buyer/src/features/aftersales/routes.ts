import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/:shopId(\\d+)/aftersales', name: 'aftersales', component: () => import('./pages/Cases.vue') },
  { path: '/:shopId(\\d+)/aftersales/:caseId(\\d+)', name: 'aftersale', component: () => import('./pages/Case.vue') },
  { path: '/:shopId(\\d+)/orders/:orderId(\\d+)/aftersales', name: 'aftersale-apply', component: () => import('./pages/Apply.vue') },
] satisfies RouteRecordRaw[]
