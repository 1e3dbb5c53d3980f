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
