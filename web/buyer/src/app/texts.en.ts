import kit from '@liveshelf/kit/text.en.json'
import app from './text.en.json'

const features = import.meta.glob<Record<string, unknown>>('../features/*/text.en.json', { eager: true, import: 'default' })
const own = Object.entries(features).map(([path, text]) => [path.split('/').at(-2), text] as const)

/** All texts of one language, each feature's under the name of its folder: one small file to fetch. */
export default [kit, { app, ...Object.fromEntries(own) }]
