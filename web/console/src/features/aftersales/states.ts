import type { Case } from '@liveshelf/api'
import type { Tone } from '../../app/states'

export const CASE_TONE: Record<Case['state'], Tone> = {
  applied: 'warn',
  awaiting_return: 'brand',
  inspecting: 'warn',
  resending: 'warn',
  refunding: 'brand',
  refunded: 'good',
  exchanged: 'good',
  refused: 'bad',
  withdrawn: 'quiet',
  closed: 'quiet',
}

/** What runs out next for a case, and when; null when nothing does. */
export function nextClock(one: Case): { kind: 'answer' | 'promise' | 'send_back' | 'inspect' | 'resend' | 'arbiter'; at: string } | null {
  const kinds = { awaiting_return: 'send_back', inspecting: 'inspect', resending: 'resend' } as const
  const state = one.state as keyof typeof kinds
  const running = [
    one.answer_due_at && { kind: 'answer' as const, at: one.answer_due_at },
    one.promised_at && { kind: 'promise' as const, at: one.promised_at },
    one.due_at && state in kinds && { kind: kinds[state], at: one.due_at },
    one.arbitration?.due_at && { kind: 'arbiter' as const, at: one.arbitration.due_at },
  ].filter((clock) => typeof clock === 'object' && clock !== null)
  return running.sort((a, b) => Date.parse(a.at) - Date.parse(b.at))[0] ?? null
}
