/** The pages of an app.json: `pages`, and those of its subpackages under their root. Null when it is none. */
export function pagesOf(text: string): string[] | null {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof parsed !== 'object' || parsed === null) return null
  const { pages, subpackages, subPackages } = parsed as Record<string, unknown>
  if (!Array.isArray(pages)) return null
  const packs = [...list(subpackages), ...list(subPackages)]
  return [...strings(pages), ...packs.flatMap((pack) => strings(pack['pages']).map((page) => join(pack['root'], page)))]
}

const list = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter((entry): entry is Record<string, unknown> => typeof entry === 'object' && entry !== null) : []
const strings = (value: unknown): string[] => (Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [])
const join = (root: unknown, page: string): string => `${typeof root === 'string' ? root.replace(/\/+$/u, '') : ''}/${page}`.replace(/^\//u, '')
