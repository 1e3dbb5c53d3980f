"""The shop's own review before a broadcast: a checklist for each category of goods, signed item by item.

Promises: while a template asks for something that nobody has signed for a room, that room does not go on air; whoever
signed is on record with the time; an item that was reworded has to be signed again.
Words: checklist 自查清单, template 清单模板, item 检查项, sign 签署, signer 签署人.
"""
