import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = path.resolve(import.meta.dirname, '..')
const SKIP = new Set(['node_modules', 'dist'])

function* files(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (SKIP.has(entry.name)) continue
    const full = path.join(folder, entry.name)
    if (entry.isDirectory()) yield* files(full)
    else yield full
  }
}

type Tree = { [key: string]: string | Tree }

function flat(tree: Tree, prefix = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[prefix + key, value]] : flat(value, `${prefix}${key}.`),
  )
}

const read = (file: string) => new Map(flat(JSON.parse(readFileSync(file, 'utf8')) as Tree))
const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/gu)].map((match) => match[1]).sort()

const all = [...files(ROOT)]
const chinese = all.filter((file) => file.endsWith('text.zh.json'))
const sources = all.filter((file) => /\/src\/.*\.(vue|ts)$/u.test(file))

describe.each(chinese.map((file) => [path.relative(ROOT, file), file]))('%s', (_name, file) => {
  const zh = read(file)
  const en = read(file.replace('.zh.json', '.en.json'))

  it('has the same keys in both languages', () => {
    expect([...en.keys()].sort()).toEqual([...zh.keys()].sort())
  })

  it('has no empty text, and the same holes to fill', () => {
    for (const [key, text] of zh) {
      expect(text.trim(), key).not.toBe('')
      expect(en.get(key)?.trim(), key).not.toBe('')
      expect(new Set(holes(en.get(key) ?? '')), key).toEqual(new Set(holes(text)))
    }
  })
})

it('every feature folder brings both languages', () => {
  const features = new Set(sources.map((file) => /^.*\/features\/[^/]+/u.exec(file)?.[0]).filter((name) => name !== undefined))
  for (const feature of features) {
    expect(all, feature).toContain(`${feature}/text.zh.json`)
    expect(all, feature).toContain(`${feature}/text.en.json`)
  }
})

it('no Chinese is written in code', () => {
  const guilty = sources.filter((file) => /\p{Script=Han}/u.test(readFileSync(file, 'utf8')))
  expect(guilty.map((file) => path.relative(ROOT, file))).toEqual([])
})

it('everything that the server can refuse has its words in both languages', () => {
  const server = path.resolve(ROOT, '../src/liveshelf')
  const known = ['base', 'console'].flatMap((part) => [...read(path.join(ROOT, 'packages/kit/src', part, 'text.zh.json')).keys()])
  const codes = [...files(server)]
    // The WeChat wire speaks to programs, in its own error codes.
    .filter((file) => file.endsWith('.py') && !file.includes('/facades/wechat/'))
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/^ {4}code(?:: ClassVar\[str\])? = "([\w.]+)"/gmu)].map((m) => m[1]!))
  const missing = codes.filter((code) => !known.includes(`problem.${code}`))
  expect(missing, 'add them to packages/kit/src/base or console/text.*.json').toEqual([])
})

it('every text that code asks for by name exists', () => {
  const missing: string[] = []
  for (const app of ['console', 'buyer']) {
    const kits = ['base', app].map((part) => path.join(ROOT, 'packages/kit/src', part, 'text.zh.json'))
    const known = new Set(kits.filter((file) => all.includes(file)).flatMap((file) => [...read(file).keys()]))
    for (const file of chinese.filter((name) => name.startsWith(path.join(ROOT, app)))) {
      const space = path.basename(path.dirname(file))
      for (const key of read(file).keys()) known.add(`${space}.${key}`)
    }
    for (const file of sources.filter((name) => name.startsWith(path.join(ROOT, app)))) {
      for (const [, key] of readFileSync(file, 'utf8').matchAll(/\bt\(\s*'([\w.]+)'/gu)) {
        if (!known.has(key!)) missing.push(`${path.relative(ROOT, file)}: ${key}`)
      }
    }
  }
  expect(missing).toEqual([])
})
