import { watchEffect } from 'vue'
import { useI18n } from 'vue-i18n'

/** The page's name in tabs, history and shared links. */
export function useTitle(text: () => string | undefined): void {
  const { t } = useI18n()
  watchEffect(() => {
    const own = text()
    document.title = own ? `${own} · ${t('app.title')}` : t('app.title')
  })
}
