import type { RouteRecordRaw } from 'vue-router'

const at = (path: string, name: string, title: string, component: RouteRecordRaw['component']) => ({
  path: `/shops/:shopId(\\d+)/money${path}`, name, component, meta: { menu: 'money', title },
})

export default [
  at('', 'money', 'money.refunds', () => import('./pages/Refunds.vue')),
  at('/bills', 'money-bills', 'money.bills', () => import('./pages/Bills.vue')),
  at('/differences', 'money-differences', 'money.differences', () => import('./pages/Differences.vue')),
  at('/ledger', 'money-ledger', 'money.ledger', () => import('./pages/Ledger.vue')),
  at('/merchant', 'money-merchant', 'money.merchant', () => import('./pages/Merchant.vue')),
] as RouteRecordRaw[]
