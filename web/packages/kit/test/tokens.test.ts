import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

const css = readFileSync(path.join(import.meta.dirname, '../src/base/tokens.css'), 'utf8')

function tokens(selector: string): Record<string, string> {
  const block = css.slice(css.indexOf(`${selector} {`)).split('}')[0] ?? ''
  return Object.fromEntries([...block.matchAll(/(--ls-[\w-]+):\s*(#[0-9a-f]{6})/gu)].map((m) => [m[1]!, m[2]!]))
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

const GROUNDS = ['bg', 'surface', 'surface-2']
const TEXT_PAIRS: [string, string][] = [
  ...GROUNDS.flatMap((ground) => ['text', 'text-2', 'text-3', 'price', 'brand'].map((ink): [string, string] => [ink, ground])),
  ['bad', 'surface'], ['bad', 'bad-soft'], ['warn', 'warn-soft'], ['warn', 'surface'], ['good', 'good-soft'],
  ['good', 'surface'], ['brand', 'brand-soft'], ['on-brand', 'brand'], ['on-brand', 'brand-hover'],
  ['on-brand', 'brand-active'], ['on-buy', 'buy'], ['on-buy', 'buy-active'], ['text', 'brand-soft'],
]
const SHAPE_PAIRS: [string, string][] = [['line-strong', 'surface'], ['line-strong', 'bg'], ['focus', 'surface'], ['focus', 'bg']]

describe.each([':root', ":root[theme-mode='dark']"])('the colours of %s', (selector) => {
  const values = tokens(selector)
  const of = (name: string) => values[`--ls-${name}`] ?? ''

  it.each(TEXT_PAIRS)('%s on %s can be read (AA, 4.5)', (ink, ground) => {
    expect(contrast(of(ink), of(ground))).toBeGreaterThanOrEqual(4.5)
  })

  it.each(SHAPE_PAIRS)('%s on %s can be seen (AA, 3)', (ink, ground) => {
    expect(contrast(of(ink), of(ground))).toBeGreaterThanOrEqual(3)
  })
})
