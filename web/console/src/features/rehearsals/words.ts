import type { RehearsalCheck } from '@liveshelf/api'
import { useI18n } from 'vue-i18n'
import type { RouteLocationRaw } from 'vue-router'

const PER_10_S = 10
const KBPS_PER_MBPS = 1_000
const MB_PER_GB = 1_000
const SECOND_MS = 1_000

/** Where what does not hold is settled, by the check's code. The others are nothing that a page of the shop can settle. */
const PLACES: Readonly<Record<string, string>> = {
  review: 'desk',
  preflight: 'room-before',
  checklist: 'room-checklist',
  legal: 'room-watch',
  goods: 'desk',
  picture: 'desk',
}

export const placeOf = (code: string, shopId: number, roomId: number): RouteLocationRaw | null =>
  PLACES[code] ? { name: PLACES[code], params: { shopId, roomId } } : null

/** What a check found, as a sentence made of its facts. */
export function useCheckText(): { said: (check: RehearsalCheck) => string; todo: (check: RehearsalCheck) => string; bandwidth: (kbps: number) => string; length: (ms: number) => string } {
  const { t, te, n } = useI18n()
  const few = { maximumFractionDigits: 1 }
  const length = (ms: number) => (ms < SECOND_MS ? t('rehearsals.unit.ms', { count: n(ms) }) : t('rehearsals.unit.s', { count: n(ms / SECOND_MS, few) }))
  const bandwidth = (kbps: number) => (kbps < KBPS_PER_MBPS ? `${n(kbps)} kbps` : `${n(kbps / KBPS_PER_MBPS, few)} Mbps`)

  function fact(name: string, value: number): string {
    if (name.endsWith('_ms')) return length(value)
    if (name.endsWith('kbps')) return bandwidth(value)
    if (name.endsWith('_mb')) return `${n(value / MB_PER_GB, few)} GB`
    return n(name === 'frames_per_10_s' ? value / PER_10_S : value, few)
  }

  function said(check: RehearsalCheck): string {
    const reason = `rehearsals.reason.${check.words['reason'] ?? ''}`
    if (check.outcome === 'not_tried') return te(reason) ? t(reason) : t('rehearsals.not_tried')
    const numbers = Object.entries(check.facts).map(([name, value]) => [name, fact(name, value)])
    const words = Object.entries(check.words).map(([name, word]) => [name, te(`rehearsals.${name}.${word}`) ? t(`rehearsals.${name}.${word}`) : word])
    return t(`rehearsals.said.${check.code}.${check.outcome}`, Object.fromEntries([...numbers, ...words]) as Record<string, string>)
  }

  const todo = (check: RehearsalCheck) => (check.outcome === 'no_go' ? t(`rehearsals.todo.${check.code}`) : '')
  return { said, todo, bandwidth, length }
}
