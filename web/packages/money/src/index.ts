/** Money is an integer number of fen. Nothing here divides with a rounding floating point. */

const FEN_PER_YUAN = 100
/** As much as a price field may hold: 9,999,999.99 yuan keeps every sum far inside exact integers. */
export const FEN_MAX = 999_999_999

function parts(fen: number): { sign: string; yuan: number; rest: string } {
  if (!Number.isSafeInteger(fen)) throw new RangeError(`not a whole number of fen: ${fen}`)
  const size = Math.abs(fen)
  const rest = size % FEN_PER_YUAN
  return { sign: fen < 0 ? '-' : '', yuan: (size - rest) / FEN_PER_YUAN, rest: String(rest).padStart(2, '0') }
}

/** `9950` → `¥99.50`, grouped the way the locale groups. */
export function formatFen(fen: number, locale: string): string {
  const { sign, yuan, rest } = parts(fen)
  return `${sign}¥${new Intl.NumberFormat(locale).format(yuan)}.${rest}`
}

/** `9950` → `99.50`, `10000` → `100`: what a price field shows for editing. */
export function fenToInput(fen: number): string {
  const { sign, yuan, rest } = parts(fen)
  return rest === '00' ? `${sign}${yuan}` : `${sign}${yuan}.${rest}`
}

/** Yuan as typed → fen, or null when it is not an amount. Digits are read as digits, never as a float. */
export function parseYuan(text: string): number | null {
  const plain = text.normalize('NFKC').trim().replace(/^¥\s*/u, '').replaceAll(',', '')
  const match = /^(\d{1,9})(?:\.(\d{0,2}))?$/u.exec(plain)
  if (!match) return null
  const fen = Number(match[1]) * FEN_PER_YUAN + Number((match[2] ?? '').padEnd(2, '0'))
  return fen <= FEN_MAX ? fen : null
}

export interface Price {
  price_type: 1 | 2 | 3
  price_fen: number
  price2_fen: number | null
}

export interface PriceText {
  /** What is paid. */
  now: string
  /** The end of a range, for price type 2. */
  to: string | null
  /** The struck-out earlier price, for price type 3. */
  was: string | null
}

/** Price types: 1 is one price; 2 is a range price..price2; 3 is a discount, price was and price2 is. */
export function priceText(price: Price, locale: string): PriceText {
  const first = formatFen(price.price_fen, locale)
  const second = price.price2_fen === null ? null : formatFen(price.price2_fen, locale)
  if (price.price_type === 2) return { now: first, to: second, was: null }
  if (price.price_type === 3 && second !== null) return { now: second, to: null, was: first }
  return { now: first, to: null, was: null }
}
