"""One room in one gateway process: read once, told to all its viewers."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from datetime import datetime, timedelta

from liveshelf.facades.live import frames
from liveshelf.facades.live.frames import Ring, room_frame
from liveshelf.facades.live.pace import Paced
from liveshelf.facades.live.viewer import Viewer
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.platform.db import Database, ReadTx
from liveshelf.platform.events import stream_tail
from liveshelf.rooms import queries
from liveshelf.rooms.errors import RoomMissing
from liveshelf.rooms.events import RoomDeleted, stream_of
from liveshelf.rooms.messages import RING, Comment, Comments, StockItem
from liveshelf.rooms.queries import Pulse, Selling
from liveshelf.rooms.types import COMMENTS_SHOWN

TALK_EVERY_S = 0.08  # comments are gathered this long, …
STOCK_EVERY_S = 0.1  # … changes of stock this long
_TALK_MOST = 200  # comments of one reading, the newest: what is said faster than that nobody could read
_SELLING_FRESH_S = 2.0  # for how long it is believed which SKUs belong to which goods
# Comment ids are made before the commit, so a lower id can appear after a higher one: readings overlap by this much.
_OVERLAP = timedelta(seconds=2)
_OVERLAP_IDS = int(_OVERLAP.total_seconds() * 1000) << 22


class Hall:
    """The room's ring, its latest comments and stock, and the pages that are open here."""

    def __init__(self, db: Database, shop: ShopId, room_id: RoomId) -> None:
        self.shop = shop
        self.room_id = room_id
        self.viewers: set[Viewer] = set()
        self.empty_since = time.monotonic()
        self.events = Paced(self._read_events, every_s=0.0)
        self.talk = Paced(self._read_talk, every_s=TALK_EVERY_S)
        self.stock = Paced(self._read_stock, every_s=STOCK_EVERY_S)
        self._db = db
        self._ring = Ring(0)
        self._present: Counter[str] = Counter()
        self._said: OrderedDict[str, Comment] = OrderedDict()
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._hidden: OrderedDict[int, None] = OrderedDict()
        self._hidden_since: datetime | None = None
        self._selling: list[Selling] = []
        self._selling_read = (-1, 0.0)  # at which number of the room, and when
        self._levels: dict[int, StockItem] = {}
        self._is_open = False
        self._likes = 0
        self._watching = 0

    async def open(self) -> None:
        """Read how the room stands. Raises `RoomMissing`."""
        async with self._db.read(self.shop) as tx:
            room = await queries.room(tx, self.room_id)
            if room is None:
                raise RoomMissing(room_id=self.room_id)
            tail = await stream_tail(tx, stream_of(self.room_id), since=max(0, room.seq - RING), most=RING)
            newest = await queries.comments_newest(tx, room)
            self._hidden_since = tx.now
        self._ring = Ring(room.seq - len(tail))
        for one in tail:
            self._ring.add(one.seq or 0, room_frame(one))
        for comment in newest:
            self._remember(comment)
        self._likes = room.likes
        self._is_open = True
        self.read_all()  # hints that came meanwhile were not followed

    @property
    def distinct(self) -> int:
        """Distinct buyers here now."""
        return len(self._present)

    def enter(self, viewer: Viewer, since: int | None) -> None:
        """Let a page in: a greeting, then what it missed, then all that happens."""
        missed = None if since is None else self._ring.since(since)
        viewer.greet([frames.hello(self._ring.last, resumed=missed is not None), *(missed or ())])
        # What was said between the page's snapshot and now; pages know comments by their ids.
        if self._said:
            viewer.say(frames.comments(Comments(list(self._said.values()), [])))
        viewer.likes(frames.likes(self._likes))
        viewer.viewers(frames.viewers(self._watching))
        if self._levels:
            levels = list(self._levels.values())
            viewer.stock(levels, frames.stock(levels))
        self.viewers.add(viewer)
        if viewer.role == "buyer":
            self._present[viewer.name] += 1
        self.stock.nudge()

    def leave(self, viewer: Viewer) -> None:
        """A page is gone."""
        if viewer not in self.viewers:
            return
        self.viewers.remove(viewer)
        self.empty_since = time.monotonic()
        if not self.viewers:
            self._levels = {}  # not kept up to date from now on
        if viewer.role == "buyer":
            self._present[viewer.name] -= 1
            if not self._present[viewer.name]:
                del self._present[viewer.name]

    def beat(self, pulse: Pulse) -> None:
        """The room's numbers, once a second; they also show when a hint was lost."""
        if pulse.likes != self._likes:
            self._likes = pulse.likes
            frame = frames.likes(pulse.likes)
            for viewer in self.viewers:
                viewer.likes(frame)
        if pulse.viewers != self._watching:
            self._watching = pulse.viewers
            frame = frames.viewers(pulse.viewers)
            for viewer in self.viewers:
                viewer.viewers(frame)
        if pulse.seq > self._ring.last:
            self.events.nudge()

    def hear_events(self, _payload: str) -> None:
        """Hint: there are new numbered events."""
        if self._is_open:
            self.events.nudge()

    def hear_talk(self, _payload: str) -> None:
        """Hint: there are new or newly hidden comments."""
        if self._is_open:
            self.talk.nudge()

    def hear_stock(self, _payload: str) -> None:
        """Hint: stock of the shop has changed."""
        if self._is_open and self.viewers:
            self.stock.nudge()

    def read_all(self) -> None:
        """Hints may have been missed: look at everything."""
        if not self._is_open:
            return
        for paced in (self.events, self.talk, self.stock):
            paced.nudge()

    def close(self) -> None:
        """End every stream and read no more."""
        for paced in (self.events, self.talk, self.stock):
            paced.stop()
        for viewer in list(self.viewers):
            viewer.close()

    async def _read_events(self) -> None:
        async with self._db.read(self.shop) as tx:
            tail = await stream_tail(tx, stream_of(self.room_id), since=self._ring.last, most=RING)
        for one in tail:
            seq = one.seq or 0
            frame = room_frame(one)
            if seq != self._ring.last + 1:
                # Numbers have no holes; should one appear all the same, nobody may go on as if there were none.
                self._ring.forget(seq - 1)
                for viewer in self.viewers:
                    viewer.tell(frames.RESYNC)
            self._ring.add(seq, frame)
            for viewer in list(self.viewers):
                viewer.tell(frame)
            if one.name == RoomDeleted.name:
                for viewer in list(self.viewers):
                    viewer.finish()
        if tail:
            self.stock.nudge()
        if len(tail) == RING:
            self.events.nudge()

    async def _read_talk(self) -> None:
        async with self._db.read(self.shop) as tx:
            room = await queries.room(tx, self.room_id)
            if room is None:
                return
            after = max(self._seen, default=0) - _OVERLAP_IDS
            found = await queries.comments_after(tx, room, after=after, most=_TALK_MOST)
            hidden = await self._newly_hidden(tx)
        new = [comment for comment in found if int(comment.comment_id) not in self._seen]
        for comment in new:
            self._remember(comment)
        gone = [str(comment_id) for comment_id in hidden]
        for comment_id in gone:
            self._said.pop(comment_id, None)
        if new:
            frame = frames.comments(Comments(new, []))
            for viewer in self.viewers:
                viewer.say(frame)
        if gone:
            for viewer in list(self.viewers):
                viewer.hide(gone)

    async def _newly_hidden(self, tx: ReadTx) -> list[int]:
        since = self._hidden_since or tx.now
        found = await queries.hidden_since(tx, self.room_id, since - _OVERLAP, most=_TALK_MOST)
        self._hidden_since = tx.now
        new = [comment_id for comment_id in found if comment_id not in self._hidden]
        for comment_id in new:
            _put(self._hidden, comment_id)
        return new

    async def _read_stock(self) -> None:
        if not self.viewers:
            return
        async with self._db.read(self.shop) as tx:
            seq, read_at = self._selling_read
            if seq != self._ring.last or time.monotonic() - read_at > _SELLING_FRESH_S:
                self._selling_read = (self._ring.last, time.monotonic())
                self._selling = await queries.selling(tx, self.room_id)
            items = await queries.stock_items(tx, self._selling)
        was = self._levels
        self._levels = {item.goods_id: item for item in items}
        changed = [item for item in items if was.get(item.goods_id) != item]
        if changed:
            frame = frames.stock(changed)
            for viewer in self.viewers:
                viewer.stock(changed, frame)

    def _remember(self, comment: Comment) -> None:
        _put(self._seen, int(comment.comment_id))
        self._said[comment.comment_id] = comment
        while len(self._said) > COMMENTS_SHOWN:
            self._said.popitem(last=False)


def _put(seen: OrderedDict[int, None], number: int) -> None:
    seen[number] = None
    while len(seen) > 2 * _TALK_MOST:
        seen.popitem(last=False)
