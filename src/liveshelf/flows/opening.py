"""Opening a shop: begun by whoever will own it, open once it is approved and can be paid; and which live goods a
paper's end will touch.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import date

from liveshelf.accounts import queries as account_queries
from liveshelf.accounts import service as accounts
from liveshelf.accounts.types import Role
from liveshelf.compliance import queries as compliance
from liveshelf.compliance.rules import refuse_illegal_text
from liveshelf.goods import products
from liveshelf.goods import queries as goods
from liveshelf.goods.types import DeliveryKind
from liveshelf.kernel.actors import SYSTEM, Actor, ActorKind
from liveshelf.kernel.ids import PLATFORM, AccountId, ProductId, ShopId
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.idempotency import Once
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications import listing, queries, service
from liveshelf.qualifications.errors import ApplicationRefuses, MerchantNotBound, TooManyBegun
from liveshelf.qualifications.types import PaperKind
from liveshelf.shops import policy
from liveshelf.shops import queries as shops
from liveshelf.shops import service as shop_service
from liveshelf.trail.service import record

BEGUN_MAX = 3  # shops of one account that wait to open


@dataclass(frozen=True, slots=True)
class Flagged:
    """A paper that will expire soon, and how many live goods need it."""

    kind: PaperKind
    valid_until: date
    goods: int


async def begin(runtime: Runtime, account: AccountId, name: str, *, once: Once[int]) -> ShopId:
    """Begin a shop with this account as its owner. Raises `ShopInvalid`, `TextIllegal`, `TooManyBegun`."""
    actor = Actor(ActorKind.STAFF, str(account))

    async def make(tx: Tx) -> int:
        waiting = 0
        for membership in await account_queries.memberships(tx, account):
            if membership.role is Role.OWNER:
                waiting += await shops.is_waiting(tx, membership.shop)
        if waiting >= BEGUN_MAX:
            raise TooManyBegun
        refuse_illegal_text(name, field="name", lexicon=await compliance.lexicon(tx))
        return (await shop_service.begin_shop(tx, name)).shop_id

    shop = ShopId(await runtime.db.write(actor, PLATFORM, make, once=once))

    async def join(tx: Tx) -> None:
        await accounts.join_shop(tx, account, Role.OWNER)
        record(tx, "shop.begin", f"shop:{shop}", name=name.strip())

    await runtime.db.write(actor, shop, join)
    return shop


async def open_if_bound(runtime: Runtime, shop: ShopId) -> None:
    """Open an approved shop that has a merchant; one that is not approved, or can't be paid yet, stays closed."""
    simulated = runtime.settings.simulated_payment
    with contextlib.suppress(ApplicationRefuses, MerchantNotBound):
        await runtime.db.write(SYSTEM, shop, lambda tx: service.open_for_orders(tx, simulated=simulated))


async def flagged(tx: ReadTx) -> list[Flagged]:
    """The papers that count and will expire soon, unless a newer one of the kind counts for longer."""
    found = await queries.papers(tx)
    soon: dict[PaperKind, date] = {}
    for paper in found:
        if not paper.valid(tx.now) or paper.valid_until is None:
            continue
        longer = any(other.kind is paper.kind and other.valid(tx.now) and not other.expiring(tx.now) for other in found)
        if paper.expiring(tx.now) and not longer:
            soon[paper.kind] = max(paper.valid_until, soon.get(paper.kind, paper.valid_until))
    if not soon:
        return []
    subject = await queries.subject(tx)
    touched = dict.fromkeys(soon, 0)
    for category, delivery, count in await goods.approved_by_category(tx):
        virtual = delivery is DeliveryKind.VIRTUAL
        for kind in listing.asked_for(category, virtual=virtual, subject=subject):
            if kind in touched:
                touched[kind] += count
    return [Flagged(kind, until, touched[kind]) for kind, until in soon.items()]


async def waive_paper(tx: Tx, kind: PaperKind, product_id: ProductId, *, reason: str) -> None:
    """Do without a paper for one product. Raises `ProductMissing`, `NotWaivable`, `WaiverInvalid`."""
    await products.locked(tx, product_id)
    await policy.waive(tx, listing.rule_of(kind), f"product:{product_id}", reason=reason)
