import { ApiProblem } from '@liveshelf/api'
import { createRouter, createWebHistory, type RouteLocationRaw, type RouteRecordRaw } from 'vue-router'
import { queryClient } from './queries'
import { sessionQuery } from './session'
import { firstPlace } from './shell/menu'

declare module 'vue-router' {
  interface RouteMeta {
    /** Seen by people who are not signed in, and without the menu. */
    public?: boolean
    /** A page of its own, without the menu: for paper. */
    bare?: boolean
    /** The entry of the menu this page belongs to. */
    menu?: string
    /** The page needs the width: the menu shrinks to its pictures. */
    rail?: boolean
    /** The text that names the page in the browser's tab. */
    title?: string
  }
}

/** Every feature brings its own routes; a new folder is a new part of the console, and nothing here changes. */
const features = import.meta.glob<RouteRecordRaw[]>('../features/*/routes.ts', { eager: true, import: 'default' })

export const router = createRouter({
  history: createWebHistory('/console/'),
  routes: [
    { path: '/', name: 'home', component: () => import('./shell/Nowhere.vue') },
    ...Object.values(features).flat(),
    { path: '/:rest(.*)*', name: 'lost', component: () => import('./shell/Lost.vue') },
  ],
})

router.beforeEach(async (to): Promise<true | RouteLocationRaw> => {
  if (to.meta.public) return true
  try {
    const session = await queryClient.fetchQuery(sessionQuery)
    if (session.second_factor_missing && to.name !== 'security') return { name: 'security' }
    return to.name === 'home' ? (firstPlace(session) ?? true) : true
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) {
      return { name: 'sign-in', query: to.name === 'home' ? {} : { next: to.fullPath } }
    }
    // The server can't be asked: the page shows that, with a button to try again.
    return true
  }
})

/** A session that ends while a page is open: the next answer says so, whichever read asked. */
queryClient.getQueryCache().subscribe((event) => {
  if (event.type !== 'updated' || event.action.type !== 'error') return
  const error: unknown = event.query.state.error
  const here = router.currentRoute.value
  if (!(error instanceof ApiProblem) || error.status !== 401 || here.meta.public || here.matched.length === 0) return
  void router.push({ name: 'sign-in', query: { next: here.fullPath } })
})

const RELOADED = 'liveshelf.reloaded'
const RELOAD_PAUSE_MS = 30_000

/**
 * A new version was installed while this page was open: its parts have other names now. The page is fetched anew,
 * at the place where it was to go, but not over and over when that does not help.
 */
router.onError((error, to) => {
  const missing = error instanceof TypeError && /module|import/iu.test(error.message)
  const last = Number(sessionStorage.getItem(RELOADED) ?? 0)
  if (!missing || Date.now() - last < RELOAD_PAUSE_MS) return
  sessionStorage.setItem(RELOADED, String(Date.now()))
  location.assign(router.resolve(to.fullPath).href)
})
