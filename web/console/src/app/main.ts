import '@liveshelf/kit/console.css'
import './console.css'
import { startTexts, startTheme } from '@liveshelf/kit/console'
import { VueQueryPlugin } from '@tanstack/vue-query'
import { createApp } from 'vue'
import App from './App.vue'
import { queryClient } from './queries'
import { router } from './router'

startTheme()
const i18n = await startTexts({ zh: () => import('./texts.zh'), en: () => import('./texts.en') })

createApp(App).use(i18n).use(router).use(VueQueryPlugin, { queryClient }).mount('#app')
