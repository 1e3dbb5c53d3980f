import type { FlowBand } from '@liveshelf/api'

export type Role = FlowBand['steps'][number]

/** Who can look at a case, from the first to the last. */
export const ROLES = ['service', 'operator', 'admin', 'owner'] as const satisfies readonly Role[]
export const STEPS_MAX = 2
export const BANDS_MAX = 6

export interface Draft {
  upto_fen: number | null
  steps: Role[]
}

export type Trouble = 'amount' | 'rising' | 'order' | null

/** What is wrong with a band, so that the picture says it before the server does: no gap, no step that is never reached. */
export function troubleOf(bands: readonly Draft[], at: number): Trouble {
  const band = bands[at]
  if (!band) return null
  const last = at === bands.length - 1
  if (!last && band.upto_fen === null) return 'amount'
  const before = bands[at - 1]?.upto_fen ?? 0
  if (!last && (band.upto_fen ?? 0) <= before) return 'rising'
  const ranks = band.steps.map((role) => ROLES.indexOf(role as (typeof ROLES)[number]))
  if (ranks.some((rank, place) => place > 0 && rank <= (ranks[place - 1] ?? -1))) return 'order'
  return null
}

/** The bands as they are saved: the last one has no limit. */
export function saved(bands: readonly Draft[]): FlowBand[] {
  return bands.map((band, at) => ({ upto_fen: at === bands.length - 1 ? null : band.upto_fen, steps: band.steps }))
}
