import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/:shopId(\\d+)/goods/:goodsId(\\d+)',
    name: 'goods',
    meta: { ownBar: true },
    component: () => import('./pages/Goods.vue'),
  },
] satisfies RouteRecordRaw[]
