import type { RouteRecordRaw } from 'vue-router'

const ofShop = (path: string, name: string, title: string, component: RouteRecordRaw['component']) => ({
  path: `/shops/:shopId(\\d+)/people${path}`, name, component, meta: { menu: 'people', title },
})

export default [
  { path: '/sign-in', name: 'sign-in', component: () => import('./pages/SignIn.vue'), meta: { public: true, title: 'accounts.sign_in' } },
  { path: '/join', name: 'join', component: () => import('./pages/Join.vue'), meta: { public: true, title: 'accounts.join.title' } },
  { path: '/new-password', name: 'new-password', component: () => import('./pages/NewPassword.vue'), meta: { public: true, title: 'accounts.new_password.title' } },
  { path: '/security', name: 'security', component: () => import('./pages/Security.vue'), meta: { title: 'accounts.security.title' } },
  ofShop('', 'people', 'accounts.people.title', () => import('./pages/People.vue')),
  ofShop('/roles', 'people-roles', 'accounts.roles.title', () => import('./pages/Roles.vue')),
] as RouteRecordRaw[]
