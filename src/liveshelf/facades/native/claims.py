"""Claims by comment, for the people of the room: open a round, close it, see who won and who waits."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, post

from liveshelf.accounts.types import Operator
from liveshelf.customers import queries as customers
from liveshelf.facades.native.claim_views import ClaimShown, offers_of, shown, specs_of
from liveshelf.facades.native.shell import LongId, Plain, RequestId, SmallId, instant, once, staff
from liveshelf.kernel.ids import GoodsId, RoomId
from liveshelf.orders import queries as orders
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import claims, funnel
from liveshelf.rooms.claim_types import ClaimState, Round
from liveshelf.rooms.claims import BUYER_MAX, HOLD_S, KEYWORD

_CLAIMS = "/shops/{shop_id:int}/rooms/{room_id:int}/claims"


class OpenClaims(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A goods to be claimed: the word to say, pieces a buyer, and for how many seconds what is won waits to be paid."""

    request_id: RequestId
    goods_id: SmallId
    keyword: Annotated[str, msgspec.Meta(max_length=40)] = KEYWORD
    buyer_max: int = BUYER_MAX
    hold_s: int = HOLD_S


class ClaimRow(msgspec.Struct, frozen=True):
    """A claim in the line of its round."""

    number: int
    comment_id: str
    buyer: str
    specs: str
    quantity: int
    state: ClaimShown
    order_id: str | None
    code: str | None
    at: str


class RoundView(msgspec.Struct, frozen=True):
    """A round with its figures and its latest claims, the newest first."""

    round_id: str
    goods_id: int
    keyword: str
    buyer_max: int
    hold_s: int
    is_open: bool
    opened_at: str
    won: int
    waiting: int
    claims: list[ClaimRow]


class FunnelView(msgspec.Struct, frozen=True):
    """Buyers' comments, claims in a line, those held for, and of these to pay, paid and lapsed; who waits."""

    comments: int
    claims: int
    won: int
    to_pay: int
    paid: int
    lapsed: int
    waiting: int


class RoundList(msgspec.Struct, frozen=True):
    """The latest rounds of a room, the newest first."""

    items: list[RoundView]


@get(_CLAIMS, dependencies=staff("rooms.read"), tags=["rooms"])
async def list_claims(room_id: SmallId, operator: Operator, runtime: Runtime) -> RoundList:
    """What may be claimed in the room, and who claimed it."""
    return await _shown(runtime, operator, RoomId(room_id))


@get(f"{_CLAIMS}/funnel", dependencies=staff("rooms.read"), tags=["rooms"])
async def read_funnel(room_id: SmallId, operator: Operator, runtime: Runtime) -> FunnelView:
    """How far claims came in the room: said, claimed, held, paid."""
    async with runtime.db.read(operator.shop) as tx:
        found = await funnel.funnel(tx, RoomId(room_id))
    return FunnelView(found.comments, found.claims, found.won, found.to_pay, found.paid, found.lapsed, found.waiting)


@post(_CLAIMS, dependencies=staff("rooms.live"), tags=["rooms"], status_code=200)
async def open_claims(room_id: SmallId, data: OpenClaims, operator: Operator, runtime: Runtime) -> RoundList:
    """Let a goods of the shelf be claimed by comment, from now on."""

    async def work(tx: Tx) -> None:
        await claims.open_round(
            tx,
            RoomId(room_id),
            GoodsId(data.goods_id),
            keyword=data.keyword,
            buyer_max=data.buyer_max,
            hold_s=data.hold_s,
        )

    told = once(f"rooms.{room_id}.claims", data.request_id, data, type(None))
    await runtime.db.write(operator.actor, operator.shop, work, once=told)
    return await _shown(runtime, operator, RoomId(room_id))


@post(f"{_CLAIMS}/{{round_id:int}}/close", dependencies=staff("rooms.live"), tags=["rooms"], status_code=200)
async def close_claims(
    room_id: SmallId,
    round_id: LongId,
    data: Plain,  # noqa: ARG001 - closing twice is closing, so the id has nothing to guard
    *,
    operator: Operator,
    runtime: Runtime,
) -> RoundList:
    """Let it be claimed no more. What is held stays held; who waits gets nothing."""
    await runtime.db.write(
        operator.actor, operator.shop, lambda tx: claims.close_round(tx, RoomId(room_id), int(round_id))
    )
    return await _shown(runtime, operator, RoomId(room_id))


async def _shown(runtime: Runtime, operator: Operator, room_id: RoomId) -> RoundList:
    async with runtime.db.read(operator.shop) as tx:
        rounds = await claims.rounds(tx, room_id)
        ids = [one.round_id for one in rounds]
        rows, counts = await _rows(tx, ids), await claims.counts(tx, ids)
    return RoundList([_round(one, counts.get(one.round_id, {}), rows.get(one.round_id, [])) for one in rounds])


def _round(of: Round, counts: dict[ClaimState, int], rows: list[ClaimRow]) -> RoundView:
    return RoundView(
        str(of.round_id),
        of.goods_id,
        of.keyword,
        of.buyer_max,
        of.hold_s,
        of.is_open,
        instant(of.opened_at),
        counts.get(ClaimState.WON, 0),
        counts.get(ClaimState.WAITING, 0) if of.is_open else 0,
        rows,
    )


async def _rows(tx: ReadTx, round_ids: list[int]) -> dict[int, list[ClaimRow]]:
    found = await claims.of_rounds(tx, round_ids)
    placed = await orders.orders(tx, [one.order_id for one in found if one.order_id is not None])
    people = await customers.customers(tx, sorted({one.customer_id for one in found}))
    offers = await offers_of(tx, found)
    rows: dict[int, list[ClaimRow]] = {}
    for one in found:
        row = ClaimRow(
            one.number,
            str(one.comment_id),
            people[one.customer_id].name if one.customer_id in people else "",
            specs_of(offers.get(one.sku_id)),
            one.quantity,
            shown(one, None if one.order_id is None else placed.get(one.order_id)),
            None if one.order_id is None else str(one.order_id),
            one.code,
            instant(one.at),
        )
        rows.setdefault(one.round_id, []).append(row)
    return rows


ROUTES = [list_claims, read_funnel, open_claims, close_claims]
