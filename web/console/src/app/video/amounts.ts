/** Bytes as people say them: 12.3 MB. */
export function bytesText(bytes: number, n: (value: number, options?: object) => string): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let at = 0
  let value = bytes
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000
    at += 1
  }
  return `${n(value, { maximumFractionDigits: value < 10 && at > 0 ? 1 : 0 })} ${units[at]}`
}
