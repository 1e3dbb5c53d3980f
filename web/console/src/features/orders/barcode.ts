/** Code 128, set B: what every scanner in a warehouse reads. Widths of bars and gaps, 11 modules a character. */
const PATTERNS =
  '212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221223211221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321112313132113132311211313231113231311112133112331132131113123113321133121313121211331231131213113213311213131311123311321331121312113312311332111314111221411431111111224111422121124121421141122141221112214112412122114122411142112142211241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214211232'
const START_B = 104
const STOP = '2331112'
const FIRST = 32
const LAST = 126

const widths = (value: number): string => PATTERNS.slice(value * 6, value * 6 + 6)

/** The values of a text: start, its characters, and the character that checks them; null for what the set can't say. */
export function valuesOf(text: string): number[] | null {
  const values = [...text].map((char) => char.charCodeAt(0))
  if (text === '' || values.some((code) => code < FIRST || code > LAST)) return null
  const said = values.map((code) => code - FIRST)
  const check = said.reduce((sum, value, at) => sum + value * (at + 1), START_B) % 103
  return [START_B, ...said, check]
}

/** The bars as [from, width] in modules, and how many modules there are in all; null for what can't be said. */
export function barsOf(text: string): { bars: [number, number][]; modules: number } | null {
  const values = valuesOf(text)
  if (!values) return null
  const bars: [number, number][] = []
  let at = 0
  for (const [index, width] of [...values.map(widths).join(''), ...STOP].entries()) {
    if (index % 2 === 0) bars.push([at, Number(width)])
    at += Number(width)
  }
  return { bars, modules: at }
}
