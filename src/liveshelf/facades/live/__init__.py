"""The live face: what viewers' pages hold open. Server-sent events first, WebSocket beside them, the same messages on
both.

A *hall* is one room in one gateway process: it reads the room's numbered events, comments and stock when a hint says
so, once for all, and hands each message, encoded once, to its viewers. Promises: a page that comes back with its number
gets what it missed or is told to take a fresh snapshot; nobody waits for a slow viewer; a viewer counts once, however
many pages are open. Words: hall 会场, viewer 观众, frame 消息帧, ring 环形缓冲, ticket 入场票.
"""
