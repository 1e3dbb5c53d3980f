"""Who else works in a shop: service providers that it authorised, and employees that its WeCom knows
(`qualifications.employees`).

Both reaches are read in the transaction that uses them, and the authorisation's row is held until its end: what was
revoked before is not used, and a revocation waits for what is being done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row

from liveshelf.accounts.errors import NotPermitted
from liveshelf.accounts.types import Operator, Permission, SignedIn
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.ids import AccountId, ShopId, new_number
from liveshelf.kernel.text import is_plain
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.qualifications import _reach_sql as _sql
from liveshelf.qualifications import employees
from liveshelf.qualifications.categories import tree
from liveshelf.qualifications.errors import GrantInvalid, GrantMissing, OutsideReach, ProviderInvalid, ProviderUnknown
from liveshelf.qualifications.events import ReachEnded
from liveshelf.trail.service import record

NAME_MAX: Final = 60
GUESTS: Final = frozenset({ActorKind.AGENT, ActorKind.EMPLOYEE})  # who work in a shop without belonging to it
# What a provider is there for: the goods of its categories, and broadcasts with them.
AGENT_PERMISSIONS: Final = frozenset(
    {
        Permission.GOODS_READ,
        Permission.GOODS_WRITE,
        Permission.ROOMS_READ,
        Permission.ROOMS_WRITE,
        Permission.ROOMS_LIVE,
    }
)
GRANTS_MAX: Final = 20  # providers that one shop authorises
PEOPLE_MAX: Final = 200  # of one provider


@dataclass(frozen=True, slots=True)
class Provider:
    """A service provider 服务商. Only an official one can be authorised."""

    provider_id: int
    name: str
    official: bool


@dataclass(frozen=True, slots=True)
class Grant:
    """What a shop authorised a provider to: work in these top categories."""

    shop: ShopId
    provider_id: int
    name: str
    categories: tuple[int, ...]
    granted_at: datetime
    revoked_at: datetime | None


async def add_provider(tx: Tx, name: str, *, official: bool) -> int:
    """Make a provider known. `tx` is the platform's. Raises `ProviderInvalid`."""
    name = name.strip()
    if not 1 <= len(name) <= NAME_MAX or not is_plain(name):
        raise ProviderInvalid(field="name")
    provider_id = new_number()
    made = await tx.scalar(
        _sql.INSERT_PROVIDER.values(provider_id=provider_id, name=name, official=official, created_at=tx.now)
    )
    if made is None:
        raise ProviderInvalid("There is a provider of this name.", field="name")
    record(tx, "providers.add", f"provider:{provider_id}", name=name, official=official)
    return provider_id


async def set_official(tx: Tx, provider_id: int, *, official: bool) -> None:
    """Say whether a provider is official. One that is not any more has no reach. Raises `ProviderUnknown`."""
    if await tx.scalar(_sql.SET_OFFICIAL, which=provider_id, official=official) is None:
        raise ProviderUnknown(provider_id=str(provider_id))
    record(tx, "providers.set_official", f"provider:{provider_id}", official=official)


async def join_provider(tx: Tx, provider_id: int, account_id: AccountId) -> None:
    """Let an account work for a provider. Raises `ProviderUnknown`, `ProviderInvalid` after `PEOPLE_MAX`."""
    if await tx.one(_sql.PROVIDER, which=provider_id) is None:
        raise ProviderUnknown(provider_id=str(provider_id))
    if await tx.scalar(_sql.COUNT_PEOPLE, which=provider_id) >= PEOPLE_MAX:
        raise ProviderInvalid(f"A provider has at most {PEOPLE_MAX} people here.", field="account_id")
    await tx.execute(_sql.INSERT_PERSON.values(provider_id=provider_id, account_id=account_id, joined_at=tx.now))
    record(tx, "providers.join", f"provider:{provider_id}", account=str(account_id))


async def leave_provider(tx: Tx, provider_id: int, account_id: AccountId) -> None:
    """Let an account work for a provider no more, from the next transaction on. Raises `ProviderUnknown`."""
    if await tx.scalar(_sql.DELETE_PERSON, which=provider_id, account=account_id) is None:
        raise ProviderUnknown(provider_id=str(provider_id))
    record(tx, "providers.leave", f"provider:{provider_id}", account=str(account_id))


async def providers(tx: ReadTx) -> list[Provider]:
    """Every provider, by name."""
    return [_provider(row) for row in await tx.all(_sql.PROVIDERS)]


async def grant(tx: Tx, provider_id: int, categories: Sequence[int]) -> None:
    """Authorise an official provider for top categories of the transaction's shop; instead of what it was authorised
    for before. Raises `ProviderUnknown`, `GrantInvalid`.
    """
    chosen = sorted(set(categories))
    known = {root.code for root in tree().roots}
    if not chosen or not known.issuperset(chosen):
        raise GrantInvalid(field="categories")
    row = await tx.one(_sql.PROVIDER, which=provider_id)
    if row is None:
        raise ProviderUnknown(provider_id=str(provider_id))
    if not row.official:
        raise GrantInvalid("Only an official service provider can be authorised.", field="provider_id")
    if sum(one.revoked_at is None and one.provider_id != provider_id for one in await grants(tx)) >= GRANTS_MAX:
        raise GrantInvalid(f"A shop authorises at most {GRANTS_MAX} providers.", field="provider_id")
    await tx.execute(_sql.SET_GRANT, which=provider_id, b_categories=chosen, moment=tx.now, b_actor=str(tx.actor))
    record(tx, "providers.grant", f"provider:{provider_id}", categories=chosen)


async def revoke(tx: Tx, provider_id: int) -> None:
    """Take the authorisation back: the next transaction of the provider's people in this shop is refused, and what they
    have open is closed. The shop's goods stay as they are. Raises `GrantMissing`.
    """
    if await tx.scalar(_sql.REVOKE, which=provider_id, moment=tx.now) is None:
        raise GrantMissing(provider_id=str(provider_id))
    tx.emit(ReachEnded(provider_id=provider_id), stream=f"provider:{provider_id}")
    record(tx, "providers.revoke", f"provider:{provider_id}")


async def grants(tx: ReadTx) -> list[Grant]:
    """What the shop authorised and revoked, the latest first."""
    return [_grant(row) for row in await tx.all(_sql.GRANTS)]


async def people_of(tx: ReadTx, provider_id: int) -> list[AccountId]:
    """Who works for a provider: what they have open is closed when its reach ends."""
    return [AccountId(row.account_id) for row in await tx.all(_sql.PEOPLE_OF, which=provider_id)]


async def in_force(tx: ReadTx) -> bool:
    """Whether any official provider is authorised in the shop now."""
    return bool(await tx.scalar(_sql.ANY_IN_FORCE))


async def of_account(tx: ReadTx, account_id: AccountId) -> list[Grant]:
    """The authorisations in force that an account works under, of all shops, by shop."""
    return [_grant(row) for row in await tx.all(_sql.OF_ACCOUNT, account=account_id)]


async def covers(tx: ReadTx, account_id: AccountId) -> bool:
    """Whether an account has the reach of a provider into the transaction's shop now."""
    return await tx.one(_sql.REACH, account=account_id) is not None


async def must_cover(tx: Tx, *categories: int | None) -> None:
    """A provider's person is authorised for goods of each of these categories, and stays so until the commit; goods
    without a category are nobody's to authorise. An employee is still on the list. The shop's own people need no
    authorisation. Raises `OutsideReach`, and as `employees.must_reach`.
    """
    if tx.actor.kind is ActorKind.EMPLOYEE:
        await employees.must_reach(tx)
    if tx.actor.kind is not ActorKind.AGENT:
        return
    row = await tx.one(_sql.REACH_HELD, account=int(tx.actor.id))
    known = tree().by_code
    roots = {None if code is None or code not in known else known[code].root for code in categories}
    if row is None or not roots <= set(row.categories):
        raise OutsideReach(field="category")


async def operator(tx: ReadTx, who: SignedIn, shop: ShopId, needed: Permission | None = None) -> Operator:
    """A provider's person as the operator of a request in a shop that authorised them now, or an employee. Raises
    `ShopUnknown` to everybody else, `NotPermitted` where agents have no business, and as `employees.operator`.
    """
    account = who.account
    if not await covers(tx, account.account_id):
        return await employees.operator(tx, who, shop, needed)
    if needed is not None and needed not in AGENT_PERMISSIONS:
        raise NotPermitted(permission=needed.value, role="agent")
    actor = Actor(ActorKind.AGENT, str(account.account_id))
    mine = (account.account_id, account.display_name, AGENT_PERMISSIONS)
    return Operator(actor, shop, *mine, session_id=who.session_id)


def _provider(row: Row[Any]) -> Provider:
    return Provider(row.provider_id, row.name, row.official)


def _grant(row: Row[Any]) -> Grant:
    return Grant(ShopId(row.shop_id), row.provider_id, row.name, tuple(row.categories), row.granted_at, row.revoked_at)
