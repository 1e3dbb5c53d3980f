import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'

const features = import.meta.glob<RouteRecordRaw[]>('../features/*/routes.ts', { eager: true, import: 'default' })

export const router = createRouter({
  history: createWebHistory('/shop/'),
  routes: Object.values(features).flat(),
})
