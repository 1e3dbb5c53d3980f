import type { CaseDraft, OrderAftersales } from '@liveshelf/api'

export type Kind = CaseDraft['kind']
type Line = OrderAftersales['lines'][number]

/** How many pieces of each line are asked for; a line that is left out is not in here. */
export type Chosen = Record<number, number>

/** What can be asked for: what was not sent is only ever refunded. */
export function kindsOf(lines: readonly Line[], chosen: Chosen): Kind[] {
  const some = lines.filter((line) => (chosen[line.line_no] ?? 0) > 0)
  const sent = some.length > 0 && some.every((line) => (chosen[line.line_no] ?? 0) <= line.shipped)
  return sent ? ['refund', 'return', 'exchange'] : ['refund']
}

/** Everything of one sort, to begin with: what was not sent if there is any, else what was. */
export function everything(lines: readonly Line[]): Chosen {
  const waiting = lines.map((line) => [line.line_no, line.quantity - line.shipped] as const).filter(([, count]) => count > 0)
  const sent = lines.map((line) => [line.line_no, line.shipped] as const).filter(([, count]) => count > 0)
  return Object.fromEntries(waiting.length > 0 ? waiting : sent)
}

/** What the chosen pieces are worth, as the server said for each number of them. */
export function worthOf(lines: readonly Line[], chosen: Chosen): number {
  return lines.reduce((sum, line) => sum + (line.worth_fen[(chosen[line.line_no] ?? 0) - 1] ?? 0), 0)
}
