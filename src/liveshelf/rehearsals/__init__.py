"""Rehearsals: a room is tried out before it goes on air, with a crowd that is not real.

Promises: a rehearsal touches nothing of the shop's; it plays on a throw-away copy of the room, served by processes of
its own on this machine. It says go only where everything it tried held, and names what it could not try. One plays at a
time, never beside a broadcast that anybody watches. Words: rehearsal 彩排, crowd 模拟观众, check 检查项, go 可以开播,
no go 不能开播, capacity 承载能力, uplink 出口带宽.
"""
