import { startTexts as start, type i18n, type TextLoaders } from '../base/locale'

/** What can go wrong for people who run a shop; buyers never meet these, so their phones don't load them. */
const problems: TextLoaders = {
  zh: () => import('./text.zh.json'),
  en: () => import('./text.en.json'),
}

export function startTexts(...texts: TextLoaders[]): Promise<typeof i18n> {
  return start(problems, ...texts)
}
