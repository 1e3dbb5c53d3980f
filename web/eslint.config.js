import js from '@eslint/js'
import vue from 'eslint-plugin-vue'
import globals from 'globals'
import tseslint from 'typescript-eslint'
import ownImports from './tools/own-imports.js'

/** A file that passes this is two things. */
const LINES_MAX = 250

const UI_LIBRARY = { group: ['tdesign-*', 'tdesign-*/**'], message: 'Only packages/kit imports the UI library.' }
const OTHER_ENTRY = (entry) => ({ group: [`@liveshelf/kit/${entry}*`], message: `That is the ${entry}'s entry point.` })
const noImport = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] })

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', 'packages/api/src/schema.d.ts'] },
  js.configs.recommended,
  tseslint.configs.strict,
  vue.configs['flat/recommended'],
  {
    files: ['**/*.{ts,vue,js,mjs}'],
    languageOptions: {
      globals: { ...globals.browser },
      parserOptions: { parser: tseslint.parser, extraFileExtensions: ['.vue'] },
    },
    plugins: { liveshelf: { rules: { 'own-imports': ownImports } } },
    rules: {
      'liveshelf/own-imports': 'error',
      'max-lines': ['error', { max: LINES_MAX }],
      'no-console': 'error',
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-undef': 'off',
      'no-restricted-globals': [
        'error',
        { name: 'fetch', message: 'Only packages/api calls the server.' },
        { name: 'XMLHttpRequest', message: 'Only packages/api calls the server.' },
      ],
      ...noImport(UI_LIBRARY),
      // Layout of templates is the formatter's business; these rules only cost lines.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': ['error', { html: { void: 'always' } }],
      'vue/multi-word-component-names': 'off',
      'vue/require-default-prop': 'off',
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/no-v-html': 'error',
      'vue/define-macros-order': 'off',
    },
  },
  { files: ['console/**'], rules: noImport(UI_LIBRARY, OTHER_ENTRY('buyer')) },
  { files: ['buyer/**'], rules: noImport(UI_LIBRARY, OTHER_ENTRY('console')) },
  { files: ['packages/kit/**'], rules: { 'no-restricted-imports': 'off' } },
  { files: ['packages/api/**'], rules: { 'no-restricted-globals': 'off' } },
  { files: ['**/*.mjs', '**/*.config.ts', '**/vite.config.ts'], languageOptions: { globals: { ...globals.node } } },
  { files: ['tools/**'], rules: { 'no-console': 'off' } },
)
