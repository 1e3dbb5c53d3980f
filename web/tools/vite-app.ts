import path from 'node:path'
import vue from '@vitejs/plugin-vue'
import type { UserConfig } from 'vite'

/**
 * What every page needs anyway comes in a few files rather than in twenty: on a slow line each request costs a
 * round trip. The texts are a file for each language, since only one is loaded.
 */
const GROUPS = [
  // What buyer/src/app/early.ts stands on: it runs ahead of everything, so it may not be in one file with the rest.
  { name: 'first', priority: 1, test: /packages\/api\/src\/early\.ts$|vite\/preload-helper/ },
  { name: 'vendor', test: /node_modules\/(@vue|vue|vue-router|vue-i18n|vue-demi|@intlify|@tanstack|openapi-fetch)\// },
  { name: 'base', test: /(packages\/(kit\/src\/base|api|money)|buyer\/src\/app)\/(?!(early|main|texts\.\w+)\.ts).*\.(ts|vue)(\?.*)?$/ },
]

/** What both apps build with. In development the native API is expected on the given address. */
export function appConfig(base: string): UserConfig {
  const server = process.env['LIVESHELF_URL'] ?? 'http://127.0.0.1:8000'
  const forward = { target: server, changeOrigin: false }
  return {
    base,
    publicDir: path.join(import.meta.dirname, '../public'),
    plugins: [vue()],
    define: {
      // The parts of vue-i18n that this code never uses stay out of the download.
      __VUE_I18N_FULL_INSTALL__: 'false',
      __VUE_I18N_LEGACY_API__: 'false',
      __VUE_OPTIONS_API__: 'true',
      __VUE_PROD_DEVTOOLS__: 'false',
    },
    server: { proxy: { '/v1': forward, '/media': forward, '/simulator': forward } },
    build: {
      // WeChat's browser on older phones follows Chrome slowly; Safari 15.4 has what the pages need (dvh aside).
      target: ['chrome94', 'safari15.4'],
      outDir: 'dist',
      emptyOutDir: true,
      sourcemap: false,
      chunkSizeWarningLimit: 700,
      rolldownOptions: { output: { codeSplitting: { groups: GROUPS } } },
    },
  }
}
