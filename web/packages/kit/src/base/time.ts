const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

const JUST_NOW_S = 45
// Two clocks never agree to the second: what has just happened may seem to come in a moment.
const AHEAD_S = 5

/** Whether it is so fresh that a person says "just now" (for which `Intl` has no word in Chinese). */
export function isJustNow(at: number, now: number): boolean {
  const seconds = (now - at) / 1000
  return seconds < JUST_NOW_S && seconds >= -AHEAD_S
}

/** "3 minutes ago", "in 2 hours". What is past counts as a minute at least; what comes within one is now. */
export function relativeTime(at: number, now: number, locale: string): string {
  const seconds = Math.round((at - now) / 1000)
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit)
  }
  return seconds < 0 ? format.format(-1, 'minute') : format.format(0, 'second')
}

export function exactTime(at: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' }).format(at)
}

/** The day and the minute, as for the start of a broadcast. */
export function shortTime(at: number, locale: string): string {
  const format: Intl.DateTimeFormatOptions = { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' }
  return new Intl.DateTimeFormat(locale, format).format(at)
}

/** `m:ss`, or `h:mm:ss`, never below zero: what is left until a deadline. */
export function countdown(untilMs: number): string {
  const seconds = Math.max(0, Math.ceil(untilMs / 1000))
  const two = (value: number) => String(value).padStart(2, '0')
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}
