import type { Qualifications } from '@liveshelf/api'
import { useI18n } from 'vue-i18n'

/** What papers are called, as the server says; lists of them in the language's own manner. */
export function usePaperNames(source: () => Qualifications | undefined): { name: (kind: string) => string; list: (kinds: readonly string[]) => string } {
  const { locale, t } = useI18n()
  const name = (kind: string): string => {
    const found = source()?.names.find((one) => one.kind === kind)
    return found ? (locale.value === 'en' ? found.en : found.zh) : kind
  }
  return { name, list: (kinds) => kinds.map(name).join(t('qualifications.comma')) }
}

type Tone = 'good' | 'warn' | 'bad' | 'quiet'
export const STATE_TONE: Record<string, Tone> = {
  draft: 'quiet', submitted: 'warn', waiting: 'warn', approved: 'good', rejected: 'bad', replaced: 'quiet',
}
