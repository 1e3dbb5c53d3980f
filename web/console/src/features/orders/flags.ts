import type { Flag } from '@liveshelf/api'

/** The merchant's colours; the word always stands beside the colour. */
export const FLAGS: readonly Flag[] = ['red', 'yellow', 'green', 'blue', 'purple']
