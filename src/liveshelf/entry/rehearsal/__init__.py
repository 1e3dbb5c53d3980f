"""The rehearsal (彩排) played: a throw-away copy of a room, a crowd in front of it, and everything that can die dying.

**Promise**: the room that is rehearsed is only read, once, in one transaction. What is played is another installation
in a folder of its own, with its own database and simulated payment; nothing of it is left afterwards, however it ends.

**Words**: copy 副本, page 观众页面, step 阶段, verdict 结论.
"""
