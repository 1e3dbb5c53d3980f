import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'

/** Every feature brings its own routes; a new folder is a new part of the console, and nothing here changes. */
const features = import.meta.glob<RouteRecordRaw[]>('../features/*/routes.ts', { eager: true, import: 'default' })

export const router = createRouter({
  history: createWebHistory('/console/'),
  routes: Object.values(features).flat(),
})
