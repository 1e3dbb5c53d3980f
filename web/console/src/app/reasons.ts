import { useI18n } from 'vue-i18n'

/** Why goods were rejected. The shop gets codes of the platform's catalogue; one we don't know is shown as it is. */
export function useReasonText(): (code: string) => string {
  const { t, te } = useI18n()
  return (code) => (te(`app.reason.${code}`) ? t(`app.reason.${code}`) : code)
}
