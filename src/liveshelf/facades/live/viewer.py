"""One open page: what waits to be sent to it, and never more than a bounded amount."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Literal

from liveshelf.facades.live import frames
from liveshelf.facades.live.frames import PING, RESYNC, Frame
from liveshelf.rooms.messages import Comments, StockItem

WAITING_MAX = 256  # numbered frames; who falls further behind takes a fresh snapshot
TALK_MAX = 64  # frames of comments; the oldest are dropped, a talkative room scrolls faster than anyone reads
HIDDEN_MAX = 256  # ids of hidden comments


class Viewer:
    """A page's queue. The hall puts frames in and never waits; the connection's own task takes them out with `next`."""

    __slots__ = (
        "_hidden",
        "_likes",
        "_must",
        "_ping",
        "_stock",
        "_stock_frame",
        "_talk",
        "_viewers",
        "_waiting",
        "address",
        "closed",
        "ending",
        "name",
        "resyncing",
        "role",
        "task",
        "writing_since",
    )

    def __init__(self, name: str, role: Literal["buyer", "staff"], address: str) -> None:
        self.name = name
        self.role = role
        self.address = address
        self.closed = False
        self.ending = False
        self.resyncing = False
        self.task: asyncio.Task[None] | None = None
        self.writing_since: float | None = None
        self._must: list[Frame] = []  # lists, not deques: an empty one is a tenth of the size, and pages are many
        self._talk: list[Frame] = []
        self._hidden: list[str] = []
        self._stock: dict[int, StockItem] = {}
        self._stock_frame: Frame | None = None
        self._likes: Frame | None = None
        self._viewers: Frame | None = None
        self._ping = False
        self._waiting: asyncio.Future[None] | None = None

    def greet(self, greeting: Sequence[Frame]) -> None:
        """What a page is told first: at most the room's whole ring."""
        self._must.extend(greeting)
        self._rouse()

    def tell(self, frame: Frame) -> None:
        """A frame that must not be missed. Too many waiting: a resync takes their place; still too many: the end."""
        if len(self._must) >= WAITING_MAX:
            if self.resyncing:
                self.close()
                return
            self.resyncing = True
            self._must = [RESYNC]
        self._must.append(frame)
        self._rouse()

    def say(self, frame: Frame) -> None:
        """A frame of comments, of which the newest count."""
        if len(self._talk) >= TALK_MAX:
            del self._talk[0]
        self._talk.append(frame)
        self._rouse()

    def hide(self, comment_ids: Sequence[str]) -> None:
        """Comments that are to disappear; sent after all comments that wait."""
        self._hidden.extend(comment_ids)
        if len(self._hidden) > HIDDEN_MAX:
            self.close()
        self._rouse()

    def stock(self, items: Sequence[StockItem], frame: Frame) -> None:
        """Changed stock; of what waits, the latest of each goods is kept. `frame` is the items as encoded for
        everybody.
        """
        self._stock_frame = None if self._stock else frame
        self._stock.update({item.goods_id: item for item in items})
        self._rouse()

    def likes(self, frame: Frame) -> None:
        """The latest count of likes."""
        self._likes = frame
        self._rouse()

    def viewers(self, frame: Frame) -> None:
        """The latest count of viewers."""
        self._viewers = frame
        self._rouse()

    def ping(self) -> None:
        """A sign of life, when nothing else waits."""
        self._ping = True
        self._rouse()

    def finish(self) -> None:
        """End the stream when what waits is sent."""
        self.ending = True
        self._rouse()

    def close(self) -> None:
        """End the stream; what waits is not sent any more."""
        self.closed = True
        self._rouse()

    def stalled_s(self) -> float:
        """For how long the connection has not taken what it was given."""
        return 0.0 if self.writing_since is None else time.monotonic() - self.writing_since

    async def next(self) -> list[Frame] | None:
        """All that waits, in the order in which it is to be sent; `None` at the end of the stream."""
        self.writing_since = None
        while not self.closed:
            if taken := self._take():
                self.writing_since = time.monotonic()
                return taken
            if self.ending:
                break
            self._waiting = asyncio.get_running_loop().create_future()
            try:
                await self._waiting
            finally:
                self._waiting = None
        return None

    def _rouse(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _take(self) -> list[Frame]:
        taken, self._must = self._must, []
        self.resyncing = False
        if self._stock:
            taken.append(self._stock_frame or frames.stock(list(self._stock.values())))
            self._stock, self._stock_frame = {}, None
        if self._talk:
            taken.extend(self._talk)
            self._talk = []
        if self._hidden:
            taken.append(frames.comments(Comments([], self._hidden)))
            self._hidden = []
        taken.extend(frame for frame in (self._likes, self._viewers) if frame is not None)
        self._likes = self._viewers = None
        if self._ping and not taken:
            taken.append(PING)
        self._ping = False
        return taken
