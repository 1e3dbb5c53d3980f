import type { Plugin } from 'vite'

/**
 * Names the build's entry `early` first in the page, as a script of its own; `source` is its file, for development.
 *
 * Two script tags written in index.html would be built into one file, and the early one would again wait for all
 * that the other needs.
 */
export function earlyScript(source: string): Plugin {
  const name = 'early'
  let base = '/'
  return {
    name: 'liveshelf-early-script',
    configResolved: (config) => {
      base = config.base
    },
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        const built = Object.values(bundle ?? {}).find((file) => file.type === 'chunk' && file.isEntry && file.name === name)
        const src = base + (built?.fileName ?? source)
        return [{ tag: 'script', attrs: { type: 'module', crossorigin: true, src }, injectTo: 'head-prepend' as const }]
      },
    },
  }
}
