/** Small preferences of this browser. Private windows and full disks may refuse; then nothing is remembered. */
const PREFIX = 'liveshelf.'

export function remembered(key: string): string | null {
  try {
    return localStorage.getItem(PREFIX + key)
  } catch {
    return null
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + key, value)
  } catch {
    // A preference that can't be kept is not worth an error.
  }
}
