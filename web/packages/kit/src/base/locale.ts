import { createI18n } from 'vue-i18n'
import { remember, remembered } from './memory'

export type Locale = 'zh' | 'en'
export type Texts = Record<string, unknown>
/** Where the texts of a language come from: several trees, later ones adding to earlier ones. */
export type TextLoaders = Record<Locale, () => Promise<{ default: Texts[] }>>

const LANG: Record<Locale, string> = { zh: 'zh-CN', en: 'en' }

export const i18n = createI18n({
  legacy: false,
  locale: 'zh',
  messages: {},
  // A missing text shows its key, which a test finds, rather than a text of the other language.
  fallbackLocale: false,
  missingWarn: import.meta.env.DEV,
})

let loaders: TextLoaders | null = null
const loaded = new Set<Locale>()

function isLocale(value: string | null): value is Locale {
  return value === 'zh' || value === 'en'
}

async function load(locale: Locale): Promise<void> {
  if (loaded.has(locale) || loaders === null) return
  for (const part of (await loaders[locale]()).default) i18n.global.mergeLocaleMessage(locale, part)
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

/** Loads the texts in the remembered language; Chinese when nothing is remembered. */
export async function startTexts(texts: TextLoaders): Promise<typeof i18n> {
  loaders = texts
  const saved = remembered('locale')
  await setLocale(isLocale(saved) ? saved : 'zh')
  return i18n
}
