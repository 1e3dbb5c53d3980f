import type { ChangeOutcome, StocktakeState } from '@liveshelf/api'
import type { Tone } from '../../app/states'

/** The colour that goes with the word of a state. */
export const TAKE_TONE: Record<StocktakeState, Tone> = { open: 'brand', closed: 'good', cancelled: 'quiet' }
export const OUTCOME_TONE: Record<ChangeOutcome, Tone> = { applied: 'good', outdated: 'quiet', refused: 'bad' }
