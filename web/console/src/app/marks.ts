export interface Stretch {
  text: string
  marked: boolean
}

/**
 * A text cut at what the machine found in it. The server counts characters, not UTF-16 halves; findings may
 * touch, overlap, or speak of a text that is shorter by now.
 */
export function stretches(text: string, findings: readonly { start: number; end: number }[]): Stretch[] {
  const chars = [...text]
  const marked = chars.map((_, at) => findings.some((finding) => finding.start <= at && at < finding.end))
  const parts: Stretch[] = []
  chars.forEach((char, at) => {
    const last = parts.at(-1)
    if (last && last.marked === marked[at]) last.text += char
    else parts.push({ text: char, marked: marked[at]! })
  })
  return parts
}
