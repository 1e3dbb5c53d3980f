"""Live rooms: the broadcast, its shelf, what is pushed, and what viewers say.

Promises: only approved goods come onto a shelf; shelf, push and state events carry the room's next number, given in
their transaction, so a snapshot plus its events always equals a fresh snapshot; a sale never locks a room; counts are
of distinct viewers. Words: room 直播间 (roomId), shelf 货架, push 推送/讲解, on sale 上架, off sale 下架,
quick bar 快捷栏, plan 直播计划, legal presence 法务在场, comment 评论, mute 禁言, viewer 观众, claim 扣号.
"""
