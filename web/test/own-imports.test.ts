import { Linter } from 'eslint'
import { describe, expect, it } from 'vitest'
import rule from '../tools/own-imports.js'

const CWD = '/repo/web'

function refused(filename: string, source: string): boolean {
  const linter = new Linter({ cwd: CWD, configType: 'flat' })
  const config = { files: ['**/*.ts'], plugins: { own: { rules: { imports: rule } } }, rules: { 'own/imports': 'error' as const } }
  return linter.verify(`import x from '${source}'`, [config], { filename: `${CWD}/${filename}` }).length > 0
}

describe('who may import whom', () => {
  it.each([
    ['buyer/src/features/room/pages/a.ts', '../../goods/api'],
    ['buyer/src/features/room/api.ts', '../goods/api'],
    ['buyer/src/app/a.ts', '../../../console/src/app/router'],
    ['console/src/features/goods/api.ts', '../../../../packages/kit/src/base/time'],
    ['packages/kit/src/base/a.ts', '../../../../buyer/src/app/router'],
    ['packages/realtime/src/a.ts', '../../api/src/types'],
  ])('%s may not import %s', (file, source) => {
    expect(refused(file, source)).toBe(true)
  })

  it.each([
    ['buyer/src/features/room/pages/a.ts', '../api'],
    ['buyer/src/features/room/pages/a.ts', '../../../app/system'],
    ['buyer/src/app/router.ts', '../features/room/routes'],
    ['packages/kit/src/console/a.ts', '../base/time'],
    ['buyer/src/features/room/api.ts', '@liveshelf/api'],
  ])('%s may import %s', (file, source) => {
    expect(refused(file, source)).toBe(false)
  })
})
