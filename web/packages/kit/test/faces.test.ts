import { ApiProblem } from '@liveshelf/api'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { createApp, h, ref } from 'vue'
import FourFaces from '../src/base/FourFaces.vue'
import { i18n, startTexts } from '../src/base/locale'
import en from '../src/base/text.en.json'
import zh from '../src/base/text.zh.json'

const texts = { zh: async () => ({ default: [zh] }), en: async () => ({ default: [en] }) }
beforeAll(() => startTexts(texts))

function show(data: unknown, error: unknown, props: Record<string, unknown> = {}) {
  const refetch = vi.fn()
  const query = { data: ref(data), error: ref(error), isFetching: ref(false), refetch }
  const host = document.createElement('div')
  const slots = { default: () => h('p', 'the content') }
  createApp({ render: () => h(FourFaces, { query, ...props }, slots) }).use(i18n).mount(host)
  return { host, refetch, face: host.querySelector('[data-testid^=face-]')?.getAttribute('data-testid') }
}

const refused = (status: number) => new ApiProblem('x.y', status, 'Title', 'In words', 'trace-1')

describe('the four faces', () => {
  it('loading, before anything is known', () => {
    expect(show(undefined, null).face).toBe('face-loading')
  })

  it('empty, with what to do next', () => {
    const { face, host } = show([], null, { empty: true, emptyTitle: 'none yet' })
    expect(face).toBe('face-empty')
    expect(host.textContent).toContain('none yet')
  })

  it('error, with the code to quote and a retry', () => {
    const { face, host, refetch } = show(undefined, refused(500))
    expect(face).toBe('face-error')
    expect(host.textContent).toContain('In words')
    expect(host.textContent).toContain('x.y · trace-1')
    host.querySelector('button')?.click()
    expect(refetch).toHaveBeenCalledOnce()
  })

  it('not allowed, with who can grant it', () => {
    const { face, host } = show(undefined, refused(403), { grantedBy: 'ask Qing' })
    expect(face).toBe('face-denied')
    expect(host.textContent).toContain('ask Qing')
  })

  it('keeps the content when only a refresh failed, and says so', () => {
    const { face, host } = show(['a'], refused(500))
    expect(face).toBeUndefined()
    expect(host.textContent).toContain('the content')
    expect(host.querySelector('.ls-stale')).not.toBeNull()
  })
})
