/** One field the server refused, for showing the reason beside the field. */
export interface FieldProblem {
  field: string
  message: string
}

interface ProblemBody {
  code?: unknown
  title?: unknown
  detail?: unknown
  instance?: unknown
  errors?: unknown
  context?: unknown
  [extra: string]: unknown
}

/** Codes made by this client, for what never reached the server or never came back. */
export const CLIENT_CODES = { network: 'client.network', timeout: 'client.timeout', unreadable: 'client.unreadable' } as const

/**
 * Everything that can go wrong with a call, as one type: the server's problem+json, or a failure on the way.
 *
 * `code` is stable and picks the text shown; `instance` is the trace id that a person can quote.
 */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'

  constructor(
    readonly code: string,
    readonly status: number,
    readonly title: string,
    readonly detail: string = '',
    readonly instance: string = '',
    readonly errors: readonly FieldProblem[] = [],
    /** The facts of the refusal, such as `available` of `stock.insufficient`. */
    readonly facts: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail || title || code)
  }

  /** True when the write may or may not have happened: ask again with the same request id. */
  get outcomeUnknown(): boolean {
    return this.status === 0 || this.status >= 500
  }

  number(fact: string): number | null {
    const value = this.facts[fact]
    return typeof value === 'number' ? value : null
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function fields(value: unknown): FieldProblem[] {
  if (!Array.isArray(value)) return []
  return value
    .filter((entry): entry is Record<string, unknown> => typeof entry === 'object' && entry !== null)
    .map((entry) => ({ field: text(entry['field']), message: text(entry['message']) }))
}

/** Reads an error answer; a body that is not problem+json (a proxy's page, say) still gives a typed problem. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  let body: ProblemBody = {}
  try {
    const parsed: unknown = await response.json()
    if (typeof parsed === 'object' && parsed !== null) body = parsed as ProblemBody
  } catch {
    // Not JSON: the status alone has to speak.
  }
  const { code, title, detail, instance, errors, context } = body
  return new ApiProblem(
    text(code) || `http.${response.status}`,
    response.status,
    text(title) || response.statusText,
    text(detail),
    text(instance) || response.headers.get('x-request-id') || '',
    fields(errors),
    typeof context === 'object' && context !== null ? (context as Record<string, unknown>) : {},
  )
}
