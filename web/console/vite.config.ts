import { defineConfig } from 'vite'
import { appConfig } from '../tools/vite-app.ts'

export default defineConfig(appConfig('/console/'))
