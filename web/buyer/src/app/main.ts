import '@liveshelf/kit/buyer.css'
import './app.css'
import { startTexts, startTheme } from '@liveshelf/kit/buyer'
import { VueQueryPlugin } from '@tanstack/vue-query'
import { createApp } from 'vue'
import App from './App.vue'
import { queryClient } from './query'
import { router } from './router'

startTheme()
const texts = startTexts({ zh: () => import('./texts.zh'), en: () => import('./texts.en') })

// The router starts to fetch the page's code as soon as it is installed; the texts come at the same time.
const app = createApp(App).use(router).use(VueQueryPlugin, { queryClient })
app.use(await texts).mount('#app')
