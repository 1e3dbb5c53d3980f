import { ApiProblem } from '@liveshelf/api'
import { fieldProblem } from '@liveshelf/kit/console'

/** What is wrong with a card's name; the machine says which word it is and which rule forbids it, in both languages. */
export function nameProblem(error: unknown, locale: string): string {
  const general = fieldProblem(error, 'name')
  if (!(error instanceof ApiProblem) || general === '') return general
  const { text, zh, en } = error.facts
  const why = locale === 'en' ? en : zh
  return typeof text === 'string' && typeof why === 'string' ? `${general} (${text}): ${why}` : general
}
