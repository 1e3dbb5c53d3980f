/** Characters that take two columns: Han, kana, Hangul, full-width forms, emoji. */
const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff00-\uff60\uffe0-\uffe6]/u
/** Quotes, dashes and signs of Chinese text that Unicode calls ambiguous; beyond Latin-1 WeChat counts them wide. */
const AMBIGUOUS = /[\u2010\u2013-\u2016\u2018\u2019\u201c\u201d\u2020-\u2022\u2024-\u2027\u2030\u2032\u2033\u2035\u203b\u2103\u2116\u2121\u2122\u2190-\u2199\u2460-\u24ff\u2500-\u257f\u25a0\u25a1\u25b2\u25b3\u25bc\u25bd\u25c6\u25c7\u25cb\u25ce\u25cf\u2605\u2606\u2640\u2642]/u
const NOTHING = /[\p{Mn}\p{Me}\p{Cf}]/u

/** Length as WeChat counts names: a wide character is 2, any other 1. The server counts again and decides. */
export function units(text: string): number {
  let total = 0
  for (const char of text) {
    if (NOTHING.test(char)) continue
    total += WIDE.test(char) || AMBIGUOUS.test(char) ? 2 : 1
  }
  return total
}
