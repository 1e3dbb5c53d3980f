import type { TimelineLink } from '@liveshelf/api'
import { formatFen } from '@liveshelf/money'
import { countdown } from '@liveshelf/kit/console'
import { useI18n } from 'vue-i18n'

const NAMED_MAX = 3

type Names = ReadonlyMap<number, string>
type Line = { quantity: number }
type Item = { goods_id: number; name: string }

/** A second of the broadcast as people say it. */
export const mark = (second: number): string => countdown(Math.floor(second) * 1000)

/** The seconds of "1:02:03", "2:03" or "123"; nothing when it is none of these. */
export function secondsOf(text: string): number | null {
  const parts = text.trim().split(/[:：]/u)
  if (parts.length > 3 || !parts.every((part) => /^\d{1,6}$/u.test(part))) return null
  return parts.reduce((sum, part) => sum * 60 + Number(part), 0)
}

/** What a link says, in a sentence. Its body is the server's own, so what is not there is left out. */
export function useLinkText(names: () => Names): (link: TimelineLink) => string {
  const { t, te, n, locale } = useI18n()
  const name = (id: number) => names().get(id) ?? `#${id}`
  const list = (ids: readonly number[]) => {
    const more = ids.length > NAMED_MAX ? t('timeline.more', { count: n(ids.length - NAMED_MAX) }) : ''
    return ids.length ? ids.slice(0, NAMED_MAX).map(name).join(' · ') + more : t('timeline.nothing')
  }

  function told(kind: string, body: Record<string, unknown>): string {
    switch (kind) {
      case 'state_changed':
        return te(`app.room_state.${body['state'] as string}`) ? t(`app.room_state.${body['state'] as string}`) : ''
      case 'shelf_added':
        return list((body['items'] as Item[]).map((item) => item.goods_id))
      case 'shelf_removed':
      case 'shelf_sorted':
      case 'goods_pushed':
      case 'quick_bar_changed':
        return list((body['goods_ids'] ?? []) as number[])
      case 'on_sale_changed':
        return `${name(body['goods_id'] as number)}: ${t(body['on_sale'] ? 'timeline.on_sale' : 'timeline.off_sale')}`
      case 'price_changed':
        return `${name(body['goods_id'] as number)}: ${formatFen(body['price_fen'] as number, locale.value)}`
      case 'notice_changed':
        return (body['text'] as string) || t('timeline.nothing')
      case 'stock': {
        const items = body['items'] as [number, number, number][]
        const more = items.length > NAMED_MAX ? t('timeline.more', { count: n(items.length - NAMED_MAX) }) : ''
        return items.slice(0, NAMED_MAX).map(([id, left]) => `${name(id)}: ${t('timeline.left', { count: n(left) })}`).join(' · ') + more
      }
      case 'audience':
        return t('timeline.audience', { viewers: n(body['viewers'] as number), likes: n(body['likes'] as number) })
      case 'presence':
        return t('timeline.presence', { desk: n((body['desk'] as number[]).length), legal: n((body['legal'] as number[]).length) })
      case 'order': {
        const pieces = (body['lines'] as Line[]).reduce((sum, line) => sum + line.quantity, 0)
        return t('timeline.order', { pieces: n(pieces), total: formatFen(body['total_fen'] as number, locale.value) })
      }
      case 'penalty':
        return `${body['level'] as string} · ${body['rule'] as string}`
      default:
        return ''
    }
  }
  return (link) => (link.body ? told(link.kind, link.body) : t('timeline.commitment'))
}
