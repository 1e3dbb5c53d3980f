"""What viewers bring to a room, from one request to every page: comments and likes.

A comment is its own small transaction and a hint after its commit; the gateways gather what is new. Likes are gathered
before they are written: one UPDATE at a time a shop and process, whatever the number of taps.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Sequence

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Operator
from liveshelf.customers.types import Buyer
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import CustomerId, RoomId, ShopId
from liveshelf.platform.db import Tx
from liveshelf.platform.groupcommit import Lanes
from liveshelf.platform.idempotency import Once
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import questions, talk
from liveshelf.rooms.channels import comments_channel
from liveshelf.rooms.errors import CommentTooSoon, QuestionAnswered
from liveshelf.rooms.messages import Comment


async def comment(runtime: Runtime, buyer: Buyer, room_id: RoomId, *, text: str, once: Once[Comment]) -> Comment:
    """A buyer says something. Raises what `rooms.talk.comment` raises."""
    with _pauses_of(runtime).speaking(buyer, once.key):
        said = await runtime.db.write(
            buyer.actor,
            buyer.shop,
            lambda tx: talk.comment(tx, room_id, text=text, customer_id=buyer.customer_id, name=buyer.name),
            once=once,
        )
    await runtime.bus.publish([(comments_channel(buyer.shop, room_id), "")])
    return said


async def comment_as_anchor(
    runtime: Runtime, operator: Operator, room_id: RoomId, *, text: str, once: Once[Comment]
) -> Comment:
    """Staff say something as the room's anchor. Raises what `rooms.talk.comment_as_anchor` raises."""
    said = await runtime.db.write(
        operator.actor,
        operator.shop,
        lambda tx: talk.comment_as_anchor(tx, room_id, text=text, account_id=operator.account_id),
        once=once,
    )
    await runtime.bus.publish([(comments_channel(operator.shop, room_id), "")])
    return said


async def answer(
    runtime: Runtime, operator: Operator, room_id: RoomId, comment_id: int, *, text: str, once: Once[None]
) -> None:
    """Answer a question: with a text that stands as the anchor's comment, or, where it is empty, aloud. The second who
    answers is told who was first, and nothing is said. Raises `QuestionAnswered` and what `rooms.questions.answer` and
    `rooms.talk.comment_as_anchor` raise.
    """

    async def work(tx: Tx) -> None:
        before = await questions.answer(tx, room_id, comment_id)
        if before is not None:
            raise QuestionAnswered(by=(await accounts.names(tx, [before])).get(before, before))
        if text.strip():
            await talk.comment_as_anchor(tx, room_id, text=text, account_id=operator.account_id)

    await runtime.db.write(operator.actor, operator.shop, work, once=once)
    await runtime.bus.publish([(comments_channel(operator.shop, room_id), "")])


async def hide_comment(runtime: Runtime, operator: Operator, room_id: RoomId, comment_id: int) -> None:
    """Take a comment off every page. Raises `RoomMissing`, `CommentMissing`."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: talk.hide_comment(tx, room_id, comment_id))
    await runtime.bus.publish([(comments_channel(operator.shop, room_id), "")])


class _Pauses:
    """Who has just spoken in one process. `rooms.talk` has the rule, across processes; here a flood of comments meets
    it before each has cost a transaction.
    """

    def __init__(self) -> None:
        self._spoken: OrderedDict[tuple[ShopId, CustomerId], tuple[float, str]] = OrderedDict()

    @contextlib.contextmanager
    def speaking(self, buyer: Buyer, key: str) -> Iterator[None]:
        """Around a comment with this request id; one that fails was not said. Raises `CommentTooSoon`."""
        now = time.monotonic()
        while self._spoken and now - next(iter(self._spoken.values()))[0] >= talk.PAUSE_MS / 1_000:
            self._spoken.popitem(last=False)
        who = (buyer.shop, buyer.customer_id)
        before = self._spoken.get(who)
        # The same request again is asking for its answer, which is stored.
        if before is not None and before[1] != key:
            raise CommentTooSoon(retry_after_s=1)
        # From before the comment has its time on: nobody is refused here whom the rule would let speak.
        self._spoken.setdefault(who, (now, key))
        try:
            yield
        except BaseException:
            if before is None:
                self._spoken.pop(who, None)
            raise


def _pauses_of(runtime: Runtime) -> _Pauses:
    if _Pauses not in runtime.adapters:
        runtime.provide(_Pauses, _Pauses())
    return runtime.need(_Pauses)


class Likes:
    """Gathers the likes of one process."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.db
        self._lanes: Lanes[tuple[RoomId, int], None] = Lanes(self._commit)

    async def add(self, shop: ShopId, room_id: RoomId, count: int) -> None:
        """Count likes; returns once they are stored. Raises `RoomMissing`, `LikesClosed`, `LaneFull`."""
        async with self._db.read(shop) as tx:
            await talk.likable(tx, room_id)
        await self._lanes.submit(shop, (room_id, count))

    async def _commit(
        self, shop: ShopId, many: Sequence[tuple[RoomId, int]], _locked: Callable[[], None]
    ) -> list[None]:
        likes: Counter[RoomId] = Counter()
        for room_id, count in many:
            likes[room_id] += count
        await self._db.write(SYSTEM, shop, lambda tx: talk.like(tx, likes))
        return [None] * len(many)


def likes_of(runtime: Runtime) -> Likes:
    """The process's gatherer, made when first needed."""
    if Likes not in runtime.adapters:
        runtime.provide(Likes, Likes(runtime))
    return runtime.need(Likes)
