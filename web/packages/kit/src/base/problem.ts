import { ApiProblem } from '@liveshelf/api'
import { i18n } from './locale'

/** The text for a person: ours by the problem's code, else the server's own words. */
export function problemText(error: unknown): string {
  const { t, te } = i18n.global
  if (!(error instanceof ApiProblem)) return t('kit.problem.unexpected')
  const key = `problem.${error.code}`
  if (te(key)) return t(key, { ...error.facts })
  return error.detail || error.title || t('kit.problem.unexpected')
}

/** What to quote to whoever runs the shop: the stable code and the trace id of this one failure. */
export function problemCode(error: unknown): string {
  if (!(error instanceof ApiProblem)) return error instanceof Error ? error.name : 'unknown'
  return error.instance ? `${error.code} · ${error.instance}` : error.code
}

export function isNotAllowed(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 403
}

/** What is wrong with one field of a form, or the empty string: our text for the problem, else the server's words. */
export function fieldProblem(error: unknown, field: string): string {
  if (!(error instanceof ApiProblem)) return ''
  const found = error.errors.find((problem) => problem.field === field)
  if (!found) return ''
  // A problem of its own code is about this one field; the general one has a message for each.
  return error.code === 'request.invalid' ? found.message : problemText(error)
}
