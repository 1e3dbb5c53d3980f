import path from 'node:path'

/**
 * One ESLint rule for who may reach whom by a relative import:
 * features never import each other, console and buyer never import one another, and nobody reaches into a
 * package past its entry points.
 */
const FEATURE = /^(console|buyer)\/src\/features\/([^/]+)\//u
const APP = /^(console|buyer)\//u
const PACKAGE = /^packages\/([^/]+)\//u

function refusal(from, to) {
  const [fromApp, toApp] = [APP.exec(from)?.[1], APP.exec(to)?.[1]]
  if (fromApp && toApp && fromApp !== toApp) return 'console and buyer never import one another'
  const [fromPackage, toPackage] = [PACKAGE.exec(from)?.[1], PACKAGE.exec(to)?.[1]]
  if (toPackage && fromPackage !== toPackage) return `import @liveshelf/${toPackage}, not its files`
  if (fromPackage && toApp) return 'packages never import an app'
  const [fromFeature, toFeature] = [FEATURE.exec(from)?.[2], FEATURE.exec(to)?.[2]]
  if (fromFeature && toFeature && fromFeature !== toFeature) {
    return 'features never import each other: share through packages or the app folder'
  }
  return null
}

export default {
  meta: { type: 'problem', schema: [], docs: { description: 'who may import whom' } },
  create(context) {
    const root = context.cwd
    const file = path.relative(root, context.filename).split(path.sep).join('/')
    function check(node, source) {
      if (typeof source !== 'string' || !source.startsWith('.')) return
      const target = path.relative(root, path.resolve(path.dirname(context.filename), source))
      const message = refusal(file, target.split(path.sep).join('/'))
      if (message) context.report({ node, message })
    }
    return {
      ImportDeclaration: (node) => check(node, node.source.value),
      ExportNamedDeclaration: (node) => check(node, node.source?.value),
      ExportAllDeclaration: (node) => check(node, node.source.value),
      ImportExpression: (node) => check(node, node.source.value),
    }
  },
}
