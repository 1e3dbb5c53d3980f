import type { RouteRecordRaw } from 'vue-router'

const meta = { menu: 'orders', title: 'app.menu.orders' }
const ofStock = { menu: 'stock', title: 'app.menu.stock' }

export default [
  { path: '/shops/:shopId(\\d+)/orders', name: 'orders', component: () => import('./pages/Orders.vue'), meta },
  { path: '/shops/:shopId(\\d+)/orders/abnormal', name: 'orders-abnormal', component: () => import('./pages/Abnormal.vue'), meta },
  { path: '/shops/:shopId(\\d+)/orders/addresses', name: 'orders-addresses', component: () => import('./pages/Addresses.vue'), meta },
  { path: '/shops/:shopId(\\d+)/orders/ship', name: 'orders-ship', component: () => import('./pages/RowFile.vue'), props: { kind: 'orders.ship' }, meta },
  { path: '/shops/:shopId(\\d+)/orders/codes', name: 'orders-codes', component: () => import('./pages/RowFile.vue'), props: { kind: 'codes.import' }, meta },
  { path: '/shops/:shopId(\\d+)/orders/print', name: 'orders-print', component: () => import('./pages/Print.vue'), meta: { ...meta, bare: true } },
  { path: '/shops/:shopId(\\d+)/orders/exports', name: 'orders-exports', component: () => import('./pages/Exports.vue'), meta },
  { path: '/shops/:shopId(\\d+)/stock/files', name: 'stock-files', component: () => import('./pages/RowFile.vue'), props: { kind: 'stock.counts' }, meta: ofStock },
  { path: '/shops/:shopId(\\d+)/stock/exports', name: 'stock-exports', component: () => import('./pages/Exports.vue'), props: { kind: 'stock.export' }, meta: ofStock },
  { path: '/shops/:shopId(\\d+)/goods/files', name: 'goods-files', component: () => import('./pages/RowFile.vue'), props: { kind: 'goods.library' }, meta: { menu: 'goods', title: 'rooms.files.library' } },
  { path: '/shops/:shopId(\\d+)/rooms/:roomId(\\d+)/files', name: 'room-files', component: () => import('./pages/RowFile.vue'), props: { kind: 'rooms.bind' }, meta: { menu: 'live', title: 'rooms.files.name' } },
] satisfies RouteRecordRaw[]
