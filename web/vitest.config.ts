import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [vue()],
  define: { __VUE_I18N_FULL_INSTALL__: 'false', __VUE_I18N_LEGACY_API__: 'false' },
  test: {
    environment: 'jsdom',
    include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts', '{console,buyer}/test/**/*.test.ts'],
    server: { deps: { inline: [/tdesign/u] } },
  },
})
