import { createI18n } from 'vue-i18n'
import { remember, remembered } from './memory'

export type Locale = 'zh' | 'en'
export type Texts = Record<string, unknown>
export type TextLoaders = Record<Locale, () => Promise<{ default: Texts }>>

const LANG: Record<Locale, string> = { zh: 'zh-CN', en: 'en' }

const kitTexts: TextLoaders = {
  zh: () => import('./text.zh.json'),
  en: () => import('./text.en.json'),
}

export const i18n = createI18n({
  legacy: false,
  locale: 'zh',
  messages: {},
  // A missing text shows its key, which a test finds, rather than a text of the other language.
  fallbackLocale: false,
  missingWarn: import.meta.env.DEV,
})

let loaders: TextLoaders[] = [kitTexts]
const loaded = new Set<Locale>()

function isLocale(value: string | null): value is Locale {
  return value === 'zh' || value === 'en'
}

async function load(locale: Locale): Promise<void> {
  if (loaded.has(locale)) return
  const parts = await Promise.all(loaders.map((loader) => loader[locale]()))
  for (const part of parts) i18n.global.mergeLocaleMessage(locale, part.default)
  loaded.add(locale)
}

/** Switches the language of everything: texts, the document's `lang`, and what `Intl` is asked with. */
export async function setLocale(locale: Locale): Promise<void> {
  await load(locale)
  i18n.global.locale.value = locale
  document.documentElement.lang = LANG[locale]
  remember('locale', locale)
}

export function currentLocale(): Locale {
  return i18n.global.locale.value as Locale
}

/** Loads the texts in the remembered language; Chinese when nothing is remembered. Later ones add to earlier ones. */
export async function startTexts(...texts: TextLoaders[]): Promise<typeof i18n> {
  loaders = [kitTexts, ...texts]
  const saved = remembered('locale')
  await setLocale(isLocale(saved) ? saved : 'zh')
  return i18n
}
