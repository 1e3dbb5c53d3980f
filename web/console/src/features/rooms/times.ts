const two = (value: number) => String(value).padStart(2, '0')

/** An instant as `<input type="datetime-local">` holds it, in the time of this computer. */
export function toField(iso: string): string {
  const at = new Date(iso)
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`
}

/** What such a field holds as an instant, or null while it is no date. */
export function fromField(text: string): string | null {
  const at = new Date(text)
  return Number.isNaN(at.getTime()) ? null : at.toISOString()
}

/** The next full hour, and two hours of broadcast after it. */
export function proposedTimes(now: number): { starts: string; ends: string } {
  const hour = 3_600_000
  const starts = Math.ceil((now + hour / 4) / hour) * hour
  return { starts: toField(new Date(starts).toISOString()), ends: toField(new Date(starts + 2 * hour).toISOString()) }
}
