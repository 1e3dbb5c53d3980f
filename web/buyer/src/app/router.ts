import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'

declare module 'vue-router' {
  interface RouteMeta {
    /** The page fills the screen and brings its own way out: no tabs, no banner on top. */
    immersive?: boolean
    /** The page has a bar of its own at the bottom. */
    ownBar?: boolean
  }
}

const features = import.meta.glob<RouteRecordRaw[]>('../features/*/routes.ts', { eager: true, import: 'default' })

export const router = createRouter({
  history: createWebHistory('/shop/'),
  routes: [
    ...Object.values(features).flat(),
    { path: '/:rest(.*)*', name: 'lost', component: () => import('./Lost.vue') },
  ],
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
})
