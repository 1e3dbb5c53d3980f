import { toField } from '../../app/fields'

/** The next full hour, and two hours of broadcast after it. */
export function proposedTimes(now: number): { starts: string; ends: string } {
  const hour = 3_600_000
  const starts = Math.ceil((now + hour / 4) / hour) * hour
  return { starts: toField(new Date(starts).toISOString()), ends: toField(new Date(starts + 2 * hour).toISOString()) }
}
