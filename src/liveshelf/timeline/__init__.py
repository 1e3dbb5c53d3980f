"""The signed timeline of a broadcast: what was shown at which second, at what price, with what stock.

Promises: while a room is on air, and once after its end, everything that a page shows and what came of it (pushes,
shelf, prices, states, stock, orders, comments, penalties, presence, viewers) is written down as links of one chain a
room, each with the hash of the one before, signed in blocks within seconds; `queries.verify` names the first link that
was bent; the shelf, its prices and its stock at any second are made again from the links alone. The chain holds a keyed
commitment of each link's body: the text of a comment is never in it, an order's can be emptied, and it still verifies.

Nothing is written inside a business transaction: going on air only leaves a row that says that there is something to
record. An exported timeline is checked without us, with the public key (`export.check`).
Words: timeline 直播记录, link 环节, bent 被改动.
"""
