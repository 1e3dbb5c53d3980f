import { useI18n } from 'vue-i18n'

/** What a clock is called; one that this console is too old to know keeps the server's name. */
export function useClockName(): (clock: string) => string {
  const { t, te } = useI18n()
  return (clock) => (te(`clocks.name.${clock}`) ? t(`clocks.name.${clock}`) : clock)
}

/** Why a clock stands still. */
export function useReason(): (reason: string) => string {
  const { t, te } = useI18n()
  return (reason) => (te(`clocks.reasons.${reason}`) ? t(`clocks.reasons.${reason}`) : reason)
}
