/** Days as ISO dates, reckoned in UTC so that no time zone moves them. */
export interface Day {
  date: string
  day: number
  weekend: boolean
}

const DAY_MS = 86_400_000
const SATURDAY = 6
const SUNDAY = 0
const WEEK = 7

export function monthDays(year: number, month: number): Day[] {
  const days: Day[] = []
  for (let at = Date.UTC(year, month, 1); new Date(at).getUTCMonth() === month; at += DAY_MS) {
    const moment = new Date(at)
    const weekday = moment.getUTCDay()
    days.push({ date: moment.toISOString().slice(0, 10), day: moment.getUTCDate(), weekend: weekday === SATURDAY || weekday === SUNDAY })
  }
  return days
}

/** Empty places before the first of a month in a week that begins on Monday. */
export function lead(year: number, month: number): number {
  return (new Date(Date.UTC(year, month, 1)).getUTCDay() + WEEK - 1) % WEEK
}

export type DayKind = 'work' | 'weekend' | 'off' | 'on'

export function kindOf(day: Day, off: ReadonlySet<string>, on: ReadonlySet<string>): DayKind {
  if (on.has(day.date)) return 'on'
  if (off.has(day.date)) return 'off'
  return day.weekend ? 'weekend' : 'work'
}
