"""Whether goods may be listed: by whom, and with which papers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from liveshelf.kernel.actors import ActorKind
from liveshelf.kernel.ids import ProductId
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.qualifications import categories, queries, reach
from liveshelf.qualifications.errors import PapersMissing, RightMissing
from liveshelf.qualifications.papers import needed
from liveshelf.qualifications.rights import LISTING, Action, Mode, Right, right
from liveshelf.qualifications.types import PaperKind, Subject
from liveshelf.shops import policy
from liveshelf.shops import queries as shops
from liveshelf.shops.policy import EVERYTHING
from liveshelf.shops.types import Shop

MODES: Final[Mapping[ActorKind, Mode]] = MappingProxyType(
    {ActorKind.AGENT: Mode.PROVIDER, ActorKind.EMPLOYEE: Mode.WECOM}
)


def rule_of(kind: PaperKind) -> str:
    """The rule that a waiver of a paper names."""
    return f"paper:{kind.value}"


async def must_list(tx: Tx, shop: Shop, category: int | None, *, virtual: bool) -> None:
    """Goods like these may be listed by whoever acts in this shop. Raises `RightMissing`, `OutsideReach`."""
    mode = MODES.get(tx.actor.kind, Mode.SELF_RUN)
    if shop.opened_under_waiver and mode is Mode.SELF_RUN:
        return
    subject = await queries.subject(tx)
    action = LISTING[categories.kind_of(category, virtual=virtual)]
    given = right(subject, mode, action)
    if given is Right.NO:
        who = None if subject is None else subject.value
        raise RightMissing(field="category", action=action.value, mode=mode.value, subject=who)
    if given is Right.AUTHORISED or mode is Mode.WECOM:
        await reach.must_cover(tx, category)


async def must_have_papers(
    tx: ReadTx, shop: Shop, category: int | None, *, virtual: bool, product: ProductId | None
) -> None:
    """Every paper that the goods need counts now, or was waived for the product or the shop. Raises `PapersMissing`
    naming what is missing, what has expired, and whether it may be waived.
    """
    if shop.opened_under_waiver:
        return  # under the waiver of everything; that it still counts was seen when the shop was found open
    missing = await lacking(tx, category, virtual=virtual, product=product)
    if missing:
        found = await queries.papers(tx)
        expired = {one.kind for one in found if one.expired(tx.now)}
        raise PapersMissing(
            field="papers",
            missing=[one.value for one in missing],
            expired=[one.value for one in missing if one in expired],
            waivable=(await policy.policy(tx)).papers_waivable,
        )


async def lacking(
    tx: ReadTx, category: int | None, *, virtual: bool, product: ProductId | None = None
) -> list[PaperKind]:
    """The papers of goods like these that do not count now and were not waived."""
    if await policy.waived(tx, EVERYTHING):
        return []
    asked = asked_for(category, virtual=virtual, subject=await queries.subject(tx))
    valid = queries.valid_kinds(await queries.papers(tx), tx)
    place = policy.WHOLE_SHOP if product is None else f"product:{product}"
    return [kind for kind in asked if kind not in valid and not await policy.waived(tx, rule_of(kind), place)]


def asked_for(category: int | None, *, virtual: bool, subject: Subject | None) -> tuple[PaperKind, ...]:
    """The papers that goods like these need."""
    found = None if category is None else categories.tree().by_code.get(category)
    return needed(categories.kind_of(category, virtual=virtual), found, subject)


async def must_have_right(tx: ReadTx, action: Action) -> None:
    """The shop's subject gives this right to its own people, and the shop is open. Raises `ShopNotOpen`,
    `RightMissing`.
    """
    shop = await shops.shop(tx)
    await policy.must_be_open(tx, shop)
    if shop.opened_under_waiver:
        return
    subject = await queries.subject(tx)
    if right(subject, Mode.SELF_RUN, action) is Right.NO:
        raise RightMissing(
            action=action.value, mode=Mode.SELF_RUN.value, subject=None if subject is None else subject.value
        )
