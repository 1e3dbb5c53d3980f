import { ApiProblem } from '@liveshelf/api'
import { describe, expect, it, vi } from 'vitest'
import { useAction } from '../src/base/action'
import { countdown, isJustNow, relativeTime } from '../src/base/time'

const lost = new ApiProblem('client.network', 0, 'lost')
const refused = new ApiProblem('stock.insufficient', 409, 'no')

describe('useAction', () => {
  it('asks again with the same id while the outcome is unknown, and with a new one after it is known', async () => {
    const ids: string[] = []
    const answers: unknown[] = [lost, refused, 'ok', 'ok']
    const action = useAction(async (id: string, _what: string) => {
      ids.push(id)
      const answer = answers.shift()
      if (answer instanceof Error) throw answer
      return answer
    })
    for (let n = 0; n < 4; n += 1) await action.run('same')
    expect(ids[1]).toBe(ids[0])
    expect(ids[2]).not.toBe(ids[1])
    expect(ids[3]).not.toBe(ids[2])
    expect(action.error.value).toBeNull()
  })

  it('takes other arguments for another wish', async () => {
    const ids: string[] = []
    const action = useAction(async (id: string, _count: number) => {
      ids.push(id)
      throw lost
    })
    await action.run(1)
    await action.run(2)
    expect(ids[1]).not.toBe(ids[0])
  })

  it('runs once at a time', async () => {
    const write = vi.fn(() => new Promise((resolve) => setTimeout(resolve, 1)))
    const action = useAction(write)
    await Promise.all([action.run(), action.run()])
    expect(write).toHaveBeenCalledTimes(1)
    expect(action.busy.value).toBe(false)
  })
})

describe('time', () => {
  it('is relative in both languages', () => {
    const now = Date.UTC(2026, 10, 22)
    expect(relativeTime(now - 180_000, now, 'en')).toBe('3 minutes ago')
    expect(relativeTime(now + 2 * 3_600_000, now, 'en')).toBe('in 2 hours')
    expect(relativeTime(now - 50_000, now, 'en')).toBe('1 minute ago')
    expect(relativeTime(now + 50_000, now, 'en')).toBe('now')
    expect(relativeTime(now - 86_400_000 * 3, now, 'zh')).toContain('3')
  })

  it('is just now for three quarters of a minute, also by a clock a little behind', () => {
    const now = Date.UTC(2026, 10, 22)
    const fresh = (ago: number) => isJustNow(now - ago, now)
    expect([-5_000, 0, 44_999].map(fresh)).toEqual([true, true, true])
    expect([-5_001, 45_000].map(fresh)).toEqual([false, false])
  })

  it('counts down and stops at zero', () => {
    expect(countdown(59_001)).toBe('1:00')
    expect(countdown(3_661_000)).toBe('1:01:01')
    expect(countdown(-5)).toBe('0:00')
  })
})
