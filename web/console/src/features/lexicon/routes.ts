import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/lexicon', name: 'lexicon', component: () => import('./pages/Platform.vue'), meta: { menu: 'lexicon', title: 'app.menu.lexicon' } },
  { path: '/shops/:shopId(\\d+)/words', name: 'words', component: () => import('./pages/Words.vue'), meta: { menu: 'words', title: 'app.menu.words' } },
] as RouteRecordRaw[]
