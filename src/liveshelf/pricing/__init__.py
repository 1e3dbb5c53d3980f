"""What an order costs and why: every fen of a total is an item with its reason.

Promises: a quote's total is the sum of its items, nothing else; pure functions of what is passed in, so a quote that is
made again for the same facts is the same; what is shared over lines sums to the whole (largest remainder). An order is
placed only at the total that was quoted. Words: quote 报价, item 金额明细, freight 运费, free shipping 包邮.
"""
