"""How claims look to whoever made them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from liveshelf.customers.types import Buyer
from liveshelf.facades.native.shell import instant
from liveshelf.flows.claim import Heard, Question
from liveshelf.goods import queries as goods
from liveshelf.goods.types import Offer
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import SkuId
from liveshelf.orders import queries as orders
from liveshelf.orders.types import Order, OrderState
from liveshelf.platform.db import ReadTx
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import claims
from liveshelf.rooms.claim_rules import Ask
from liveshelf.rooms.claim_types import Claim, ClaimState


class ClaimShown(StrEnum):
    """What became of a claim, for whoever made it."""

    HELD = "held"
    PAID = "paid"
    LAPSED = "lapsed"
    WAITING = "waiting"
    ENDED = "ended"  # still waiting when it was over
    REFUSED = "refused"
    UNCLEAR = "unclear"


class ClaimView(msgspec.Struct, frozen=True):
    """A claim. What is held has an order, to be paid before `expires_at`; who waits has a `place`; what is refused has
    the `code` of the reason with its numbers; what is unclear asks, and names the `choices` that can be said, each
    after `keyword`.
    """

    state: ClaimShown
    goods_id: int | None = None
    name: str = ""
    specs: str = ""
    quantity: int = 0
    order_id: str | None = None
    total_fen: int | None = None
    expires_at: str | None = None
    place: int | None = None
    code: str | None = None
    most: int | None = None
    left: int | None = None
    until: str | None = None
    ask: Ask | None = None
    choices: list[str] = []
    keyword: str | None = None


async def heard_view(runtime: Runtime, buyer: Buyer, heard: Heard) -> ClaimView | None:
    """The answer to a comment."""
    if heard is None:
        return None
    if isinstance(heard, Question):
        of = heard.unclear
        return ClaimView(ClaimShown.UNCLEAR, of.goods_id, ask=of.ask, choices=list(of.choices), keyword=heard.keyword)
    if isinstance(heard, DomainError):
        return _refused(heard)
    async with runtime.db.read(buyer.shop) as tx:
        (view,) = await claim_views(tx, [heard])
    return view


async def claim_views(tx: ReadTx, of: Sequence[Claim]) -> list[ClaimView]:
    """These claims as they stand now."""
    offers = await offers_of(tx, of)
    placed = await orders.orders(tx, [one.order_id for one in of if one.order_id is not None])
    places = await claims.places_in_line(tx, of)
    return [
        _view(
            one,
            offers.get(one.sku_id),
            None if one.order_id is None else placed.get(one.order_id),
            places.get((one.round_id, one.number)),
        )
        for one in of
    ]


async def offers_of(tx: ReadTx, of: Sequence[Claim]) -> dict[SkuId, Offer]:
    """What the claims are for."""
    return await goods.offers(tx, {one.sku_id for one in of})


def specs_of(offer: Offer | None) -> str:
    """The specs in one line."""
    return "" if offer is None else " ".join(spec.value for spec in offer.specs)


def shown(claim: Claim, order: Order | None) -> ClaimShown:
    """What became of it, with its order as it stands."""
    if claim.state is ClaimState.REFUSED:
        return ClaimShown.REFUSED
    if claim.state is ClaimState.WAITING:
        return ClaimShown.WAITING if claim.is_open else ClaimShown.ENDED
    if order is None or order.state is OrderState.CLOSED:
        return ClaimShown.LAPSED
    return ClaimShown.HELD if order.state is OrderState.TO_PAY else ClaimShown.PAID


def _view(claim: Claim, offer: Offer | None, order: Order | None, place: int | None) -> ClaimView:
    state = shown(claim, order)
    return ClaimView(
        state,
        claim.goods_id,
        "" if offer is None else offer.title,
        specs_of(offer),
        claim.quantity,
        order_id=None if claim.order_id is None else str(claim.order_id),
        total_fen=None if order is None else order.total_fen,
        expires_at=instant(order.expires_at) if order is not None and state is ClaimShown.HELD else None,
        place=place if state is ClaimShown.WAITING else None,
        code=claim.code,
    )


def _refused(error: DomainError) -> ClaimView:
    facts = error.context
    most, left, until = facts.get("most"), facts.get("left"), facts.get("until")
    return ClaimView(
        ClaimShown.REFUSED,
        code=error.code,
        most=most if isinstance(most, int) else None,
        left=left if isinstance(left, int) else None,
        until=until if isinstance(until, str) else None,
    )
