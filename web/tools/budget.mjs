import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'

/**
 * The JavaScript a buyer's phone loads before the first page shows: what index.html names, what that imports
 * at once, the texts of one language, and the page's own chunk with its imports. Fails above the budget.
 */
const BUDGET_BYTES = 120_000
const ROUTES = ['Home', 'Room']
const dist = path.resolve(import.meta.dirname, '../buyer/dist')
const assets = path.join(dist, 'assets')
const names = readdirSync(assets).filter((name) => name.endsWith('.js'))
const source = (name) => readFileSync(path.join(assets, name))

function reach(name, seen) {
  if (seen.has(name)) return seen
  seen.add(name)
  // Static imports only: `import(…)` is what is meant to come later.
  for (const [, to] of source(name).toString().matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/gu)) reach(to, seen)
  return seen
}

const html = readFileSync(path.join(dist, 'index.html'), 'utf8')
const entry = [...html.matchAll(/assets\/([^"]+\.js)/gu)].map((match) => match[1])
const find = (stem) => names.filter((name) => new RegExp(`^${stem}-[\\w-]{8}\\.js$`, 'u').test(name))
const texts = find('texts\\.zh')
let worst = 0
for (const route of ROUTES) {
  const chunks = new Set()
  for (const name of [...entry, ...texts, ...find(route)]) reach(name, chunks)
  const bytes = [...chunks].reduce((sum, name) => sum + gzipSync(source(name), { level: 9 }).length, 0)
  console.log(`${route}: ${(bytes / 1000).toFixed(1)} kB gzipped in ${chunks.size} files`)
  worst = Math.max(worst, bytes)
}
if (worst > BUDGET_BYTES) {
  console.error(`over the budget of ${BUDGET_BYTES / 1000} kB`)
  process.exit(1)
}
