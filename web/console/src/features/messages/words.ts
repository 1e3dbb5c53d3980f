import type { Notice } from '@liveshelf/api'
import { shortTime } from '@liveshelf/kit/console'
import { formatFen } from '@liveshelf/money'
import { useI18n } from 'vue-i18n'
import { useSubject } from '../../app/subjects'

/** A notice in words: the facts that it carries, as people write them, in the sentence of its kind. */
export function useWords(): (notice: Notice) => string {
  const { t, te, locale } = useI18n()
  const subject = useSubject()

  function fact(name: string, value: string | number | null): string {
    if (typeof value === 'number' && name.endsWith('_fen')) return formatFen(value, locale.value)
    if (typeof value === 'string' && name.endsWith('_at')) return shortTime(Date.parse(value), locale.value)
    if (name === 'clock' && te(`clocks.name.${value}`)) return t(`clocks.name.${value}`)
    if (name === 'kind' && te(`messages.batch.${value}`)) return t(`messages.batch.${value}`)
    if (name === 'subject') return subject(String(value)).text
    return String(value ?? '')
  }

  return (notice) => {
    const facts = Object.entries(notice.facts).map(([name, value]) => [name, fact(name, value)])
    const key = `messages.kind.${notice.kind}`
    return te(key) ? t(key, Object.fromEntries(facts) as Record<string, string>) : notice.kind
  }
}
