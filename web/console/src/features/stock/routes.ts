import type { RouteRecordRaw } from 'vue-router'

const SHOP = '/shops/:shopId(\\d+)'
const meta = { menu: 'stock', title: 'app.menu.stock' }

export default [
  { path: `${SHOP}/stock`, name: 'stock', component: () => import('./pages/Stock.vue'), meta },
  { path: `${SHOP}/stock/stocktakes`, name: 'stocktakes', component: () => import('./pages/Stocktakes.vue'), meta },
  { path: `${SHOP}/stock/stocktakes/:stocktakeId(\\d+)`, name: 'stocktake', component: () => import('./pages/Stocktake.vue'), meta },
  { path: `${SHOP}/stock/changes`, name: 'stock-changes', component: () => import('./pages/Changes.vue'), meta },
  { path: `${SHOP}/stock/oversold`, name: 'stock-oversold', component: () => import('./pages/Oversold.vue'), meta },
  { path: `${SHOP}/stock/audits`, name: 'stock-audits', component: () => import('./pages/Audits.vue'), meta },
] satisfies RouteRecordRaw[]
