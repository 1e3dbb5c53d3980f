import { beforeEach, describe, expect, it } from 'vitest'
import { linesOf, linesText } from '../src/features/checkout/api'
import { isTaxNo, usePapers } from '../src/features/checkout/papers'

beforeEach(() => sessionStorage.clear())

describe('papers', () => {
  it('knows a tax number by its last character', () => {
    for (const right of ['9144030071526726XG', '91110000802100433B', '91330100799655058B']) expect(isTaxNo(right)).toBe(true)
    for (const wrong of ['', '9144030071526726XH', '9144030071526762XG', '9144030071526726X', 'I144030071526726XG']) expect(isTaxNo(wrong)).toBe(false)
  })

  it('keeps what was typed over a reload, until it went along with an order', async () => {
    const papers = usePapers(() => 1)
    papers.note.value = 'at the door'
    papers.invoice.value = { kind: 'personal', title: 'Li', tax_no: '', email: '' }
    await Promise.resolve()
    const again = usePapers(() => 1)
    expect([again.note.value, again.invoice.value?.title]).toEqual(['at the door', 'Li'])
    expect(usePapers(() => 2).note.value).toBe('')
    again.forget()
    await Promise.resolve()
    expect(usePapers(() => 1).note.value).toBe('')
  })
})

describe('lines in an address', () => {
  it('are read as written, and what is none is passed over', () => {
    expect(linesOf(linesText([{ sku_id: 10, quantity: 2 }, { sku_id: 11, quantity: 1 }]))).toEqual([{ sku_id: 10, quantity: 2 }, { sku_id: 11, quantity: 1 }])
    for (const odd of [undefined, null, '', 'x', '10', '10x0', '-1x1', '1e9x1', '10x100', ['10x1']]) expect(linesOf(odd)).toEqual([])
  })
})
