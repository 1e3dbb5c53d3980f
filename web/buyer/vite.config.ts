import path from 'node:path'
import { defineConfig, mergeConfig } from 'vite'
import { earlyScript } from '../tools/early-script.ts'
import { appConfig } from '../tools/vite-app.ts'

const EARLY = 'src/app/early.ts'
const here = (file: string) => path.join(import.meta.dirname, file)
const input = { index: here('index.html'), early: here(EARLY) }

export default defineConfig(
  mergeConfig(appConfig('/shop/'), {
    plugins: [earlyScript(EARLY)],
    build: { rolldownOptions: { input } },
  }),
)
