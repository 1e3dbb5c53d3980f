"""From what was said in a room to what was paid: how far claims came. Counted from the rows, never estimated."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import BindParameter, and_, bindparam, func, select

from liveshelf.kernel.ids import OrderId, RoomId
from liveshelf.orders import queries as orders
from liveshelf.platform.db import ReadTx
from liveshelf.rooms import queries
from liveshelf.rooms._claims_tables import room_claim_rounds, room_claims
from liveshelf.rooms._tables import room_comments
from liveshelf.rooms.claim_types import ClaimState
from liveshelf.rooms.errors import RoomMissing

_SHOP: BindParameter[int] = bindparam("shop")
_COMMENTS = (
    select(func.count())
    .select_from(room_comments)
    .where(
        room_comments.c.shop_id == _SHOP,
        room_comments.c.room_id == bindparam("room"),
        room_comments.c.customer_id.is_not(None),
    )
)
_CLAIMS = (
    select(room_claims.c.state, room_claims.c.order_id)
    .join(
        room_claim_rounds,
        and_(
            room_claim_rounds.c.shop_id == room_claims.c.shop_id,
            room_claim_rounds.c.round_id == room_claims.c.round_id,
        ),
    )
    .where(room_claim_rounds.c.shop_id == _SHOP, room_claim_rounds.c.room_id == bindparam("room"))
)


@dataclass(frozen=True, slots=True)
class Funnel:
    """Buyers' comments, claims among them that stand in a line, those that goods were held for, and what became of
    these: still to pay, paid, lapsed. `waiting` never had their turn so far.
    """

    comments: int
    claims: int
    won: int
    to_pay: int
    paid: int
    lapsed: int
    waiting: int


async def funnel(tx: ReadTx, room_id: RoomId) -> Funnel:
    """How far claims came in a room. Raises `RoomMissing`."""
    if await queries.room(tx, room_id) is None:
        raise RoomMissing(room_id=room_id)
    rows = await tx.all(_CLAIMS, room=room_id)
    states = Counter(row.state for row in rows)
    became = await orders.outcomes(tx, [OrderId(row.order_id) for row in rows if row.order_id is not None])
    return Funnel(
        comments=int(await tx.scalar(_COMMENTS, room=room_id)),
        claims=len(rows),
        won=states[ClaimState.WON],
        to_pay=became.to_pay,
        paid=became.paid,
        lapsed=became.lost,
        waiting=states[ClaimState.WAITING],
    )
