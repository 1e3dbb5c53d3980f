import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/sign-in', name: 'sign-in', component: () => import('./pages/SignIn.vue'), meta: { public: true, title: 'accounts.sign_in' } },
] satisfies RouteRecordRaw[]
