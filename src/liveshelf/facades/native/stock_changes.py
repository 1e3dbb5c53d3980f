"""The door for other systems (ERP, warehouse): what they say of counts, each thing once, with its own answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import QueryParameter

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Operator
from liveshelf.facades.native.products import SpecView
from liveshelf.facades.native.shell import Cursor, Limit, instant, staff
from liveshelf.facades.native.stock_levels import specs_of
from liveshelf.goods import queries as goods
from liveshelf.goods.types import Offer
from liveshelf.kernel.ids import INT32_MAX, INT63_MAX, SkuId
from liveshelf.kernel.text import is_plain
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.stock import changes
from liveshelf.stock.errors import ChangeInvalid
from liveshelf.stock.rules import ON_HAND_MAX
from liveshelf.stock.types import Change, ChangeKind, ChangeOutcome, KeptChange, OrderedBy, Pool

_MICROSECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Source = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
Reference = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class OutsideChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What another system says of one SKU: `set` or `adjust`, and `sequence` or `at` for its own order."""

    reference: Reference
    sku_id: Annotated[int, msgspec.Meta(ge=1, le=INT32_MAX)]
    set: Annotated[int, msgspec.Meta(ge=-ON_HAND_MAX, le=10 * ON_HAND_MAX)] | None = None
    adjust: Annotated[int, msgspec.Meta(ge=-ON_HAND_MAX, le=ON_HAND_MAX)] | None = None
    sequence: Annotated[int, msgspec.Meta(ge=0, le=INT63_MAX)] | None = None
    at: datetime | None = None
    pool: Pool = Pool.GENERAL


class OutsideChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Up to 500 changes of one source, in the order in which they are to be followed."""

    source: Source
    changes: Annotated[list[OutsideChange], msgspec.Meta(min_length=1, max_length=changes.BATCH_MAX)]


class KeptChangeView(msgspec.Struct, frozen=True):
    """A change and what became of it. `code` says why it was refused, `repeated` that it was heard before."""

    source: str
    reference: str
    sku_id: int
    title: str
    specs: list[SpecView]
    pool: Pool
    kind: ChangeKind
    quantity: int
    outcome: ChangeOutcome
    code: str | None
    on_hand: int | None
    short: int | None
    by: str
    at: str
    repeated: bool


class TakenIn(msgspec.Struct, frozen=True):
    """One answer a change, in the order of the call."""

    items: list[KeptChangeView]


class KeptChangePage(msgspec.Struct, frozen=True):
    """A page of what was said."""

    items: list[KeptChangeView]
    next: str | None
    total: int | None


@post("/shops/{shop_id:int}/stock/changes", dependencies=staff("stock.write"), tags=["stock"], status_code=200)
async def take_in_changes(data: OutsideChanges, operator: Operator, runtime: Runtime) -> TakenIn:
    """Follow what another system says, also late, out of order or twice. A cut below what is held takes the newest
    orders' pieces from them, and what they paid goes back by itself.
    """
    if not is_plain(data.source):
        raise ChangeInvalid("A source is plain text.", field="source")
    wanted = [_change(one, number) for number, one in enumerate(data.changes)]

    async def work(tx: Tx) -> list[KeptChange]:
        return await changes.take_in(tx, data.source, wanted)

    kept = await runtime.db.write(operator.actor, operator.shop, work)
    async with runtime.db.read(operator.shop) as tx:
        offers = await goods.offers(tx, [one.change.sku_id for one in kept])
    return TakenIn([_view(one, operator.name, offers) for one in kept])


@get("/shops/{shop_id:int}/stock/changes", dependencies=staff("goods.read"), tags=["stock"])
async def list_changes(
    operator: Operator,
    runtime: Runtime,
    *,
    source: Annotated[str, QueryParameter(max_length=40)] = "",
    outcome: ChangeOutcome | None = None,
    sku_id: Annotated[int | None, QueryParameter(ge=1, le=INT32_MAX)] = None,
    cursor: Cursor = None,
    limit: Limit = None,
) -> KeptChangePage:
    """What other systems said, newest first, also what was not followed."""
    async with runtime.db.read(operator.shop) as tx:
        page = await changes.page(
            tx,
            source=source or None,
            outcome=outcome,
            sku_id=None if sku_id is None else SkuId(sku_id),
            cursor=cursor,
            limit=limit,
        )
        names = await accounts.names(tx, [one.actor for one in page.items])
        offers = await goods.offers(tx, [one.change.sku_id for one in page.items])
    items = [_view(one, names.get(one.actor, one.actor), offers) for one in page.items]
    return KeptChangePage(items, page.next, page.total)


def _change(one: OutsideChange, number: int) -> Change:
    place = f"changes[{number}]"
    if (one.set is None) == (one.adjust is None):
        raise ChangeInvalid("Give either the count or the change.", field=f"{place}.set")
    if (one.sequence is None) == (one.at is None):
        raise ChangeInvalid("Give either a sequence or a time.", field=f"{place}.sequence")
    if one.at is not None and one.at.tzinfo is None:
        raise ChangeInvalid("A time has a time zone.", field=f"{place}.at")
    if not is_plain(one.reference):
        raise ChangeInvalid("A reference is plain text.", field=f"{place}.reference")
    kind = ChangeKind.ADJUST if one.set is None else ChangeKind.SET
    quantity = (one.adjust if one.set is None else one.set) or 0
    if one.at is None:
        return Change(one.reference, SkuId(one.sku_id), kind, quantity, OrderedBy.SEQUENCE, one.sequence or 0, one.pool)
    position = round((one.at - _EPOCH).total_seconds() * _MICROSECOND)
    return Change(one.reference, SkuId(one.sku_id), kind, quantity, OrderedBy.TIME, position, one.pool)


def _view(one: KeptChange, by: str, offers: Mapping[SkuId, Offer]) -> KeptChangeView:
    change, offer = one.change, offers.get(one.change.sku_id)
    return KeptChangeView(
        one.source,
        change.reference,
        change.sku_id,
        "" if offer is None else offer.title,
        specs_of(offer),
        change.pool,
        change.kind,
        change.quantity,
        one.outcome,
        one.code,
        one.on_hand,
        one.short,
        by,
        instant(one.at),
        one.repeated,
    )


ROUTES = [take_in_changes, list_changes]
