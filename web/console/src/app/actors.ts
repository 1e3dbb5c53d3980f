import { useI18n } from 'vue-i18n'

/** Who did something: a person's name as the server gives it, or one of its words for those who have none. */
export function useActorText(): (by: string) => string {
  const { t, te } = useI18n()
  return (by) => {
    const [kind, id] = by.split(':', 2) as [string, string | undefined]
    if (!te(`app.actor.${kind}`)) return by
    return id === undefined || kind === 'system' ? t(`app.actor.${kind}`) : `${t(`app.actor.${kind}`)} ${id}`
  }
}
