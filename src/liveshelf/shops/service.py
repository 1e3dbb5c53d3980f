"""Commands of the shops capability: tenants, their policy, quotas, faults, and the way back to the seed.

Credentials have a module of their own, and tokens are issued by `issuing`. Whatever a process keeps at hand (`desk`) is
told by its caller after the commit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from liveshelf.kernel.errors import Invalid
from liveshelf.kernel.ids import ShopId, new_number
from liveshelf.kernel.time import china_day
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.shops import _sql, policy, queries
from liveshelf.shops.errors import (
    ClearsExhausted,
    FaultMissing,
    NotSandbox,
    QuotaUnknown,
    ShopBlocked,
    ShopInvalid,
    SubmissionsExhausted,
    TooManyFaults,
)
from liveshelf.shops.rules import checked_fault, checked_name, checked_pages, checked_widget_key
from liveshelf.shops.types import CLEARS_PER_MONTH, QUOTAS, SUBMISSIONS, Fault, FaultDraft, Shop
from liveshelf.trail.service import record

WIRE_STOCK = 100  # so that goods added over the wire can be sold at once
WIRE_STOCK_MAX = 1_000_000
FAULTS_MAX = 50
OPERATORS_SHOP = "made by the operator of this installation for their own house"
LIMIT_MAX = 1_000_000_000
_CLEARS = "month:clear_quota"  # counted in the row of the month's first day


async def create_shop(tx: Tx, name: str, *, sandbox: bool = False) -> Shop:
    """A new shop as the operator makes it, without credential and members: open, where the policy allows that, under
    a waiver that is written down. `tx` is the platform's. Raises `ShopInvalid`.
    """
    if not (await policy.policy(tx)).command_opens_shops:
        return await begin_shop(tx, name, sandbox=sandbox)
    made = await _insert(tx, name, sandbox=sandbox, opened_at=tx.now)
    row = {"waiver_id": new_number(), "rule": policy.EVERYTHING, "subject": policy.WHOLE_SHOP, "reason": OPERATORS_SHOP}
    await tx.execute(_sql.INSERT_WAIVER.values(shop_id=made.shop_id, actor=str(tx.actor), at=tx.now, **row))
    return made


async def begin_shop(tx: Tx, name: str, *, sandbox: bool = False) -> Shop:
    """A new shop that is still to open, by its application. `tx` is the platform's. Raises `ShopInvalid`."""
    return await _insert(tx, name, sandbox=sandbox, opened_at=None)


async def open_shop(tx: Tx) -> None:
    """Let the transaction's shop sell: its application was approved. One that is open so already stays as it is."""
    if await tx.scalar(_sql.SET_OPENED, b_moment=tx.now) is not None:
        record(tx, "shop.open", f"shop:{tx.shop}")


async def _insert(tx: Tx, name: str, *, sandbox: bool, opened_at: datetime | None) -> Shop:
    name = checked_name(name)
    shop_id = ShopId(await tx.next_number("shop"))
    under_waiver = opened_at is not None
    made = Shop(shop_id, name, sandbox, (), None, WIRE_STOCK, None, tx.now, opened_at, under_waiver)
    await tx.execute(
        _sql.INSERT_SHOP.values(
            shop_id=shop_id,
            name=name,
            sandbox=sandbox,
            pages=[],
            widget_key=None,
            wire_stock=WIRE_STOCK,
            created_at=tx.now,
            opened_at=opened_at,
            opened_under_waiver=under_waiver,
        )
    )
    return made


async def set_pages(tx: Tx, pages: Sequence[str]) -> tuple[str, ...]:
    """The page paths that a goods may link to; none means any. Raises `PagesInvalid`."""
    checked = checked_pages(pages)
    await tx.execute(_sql.SET_PAGES, b_pages=list(checked))
    record(tx, "shop.set_pages", f"shop:{tx.shop}", count=len(checked))
    return checked


async def set_widget_key(tx: Tx, names: object) -> tuple[str, ...]:
    """The default names of the path parameters that identify a goods. Raises `WidgetKeyInvalid`."""
    checked = checked_widget_key(names)
    await tx.execute(_sql.SET_WIDGET_KEY, b_key=list(checked))
    record(tx, "shop.set_widget_key", f"shop:{tx.shop}", names=list(checked))
    return checked


async def set_wire_stock(tx: Tx, stock: int) -> None:
    """How much stock goods added over the wire begin with. Raises `ShopInvalid`."""
    if not 0 <= stock <= WIRE_STOCK_MAX:
        raise ShopInvalid(f"The stock is 0 to {WIRE_STOCK_MAX}.", field="wire_stock")
    await tx.execute(_sql.SET_WIRE_STOCK, b_stock=stock)
    record(tx, "shop.set_wire_stock", f"shop:{tx.shop}", stock=stock)


async def block(tx: Tx) -> None:
    """Forbid the shop to create or change goods and rooms."""
    await tx.execute(_sql.SET_BLOCKED, b_moment=tx.now)
    record(tx, "shop.block", f"shop:{tx.shop}")


async def unblock(tx: Tx) -> None:
    """Allow it again."""
    await tx.execute(_sql.SET_BLOCKED, b_moment=None)
    record(tx, "shop.unblock", f"shop:{tx.shop}")


async def writable(tx: ReadTx) -> Shop:
    """The transaction's shop, if it may create and change things. Raises `ShopNotOpen`, `ShopBlocked`."""
    shop = await queries.shop(tx)
    await policy.must_be_open(tx, shop)
    if shop.blocked_at is not None:
        raise ShopBlocked
    return shop


async def take_quota(
    tx: Tx, quota: str, many: int, *, day: date | None = None, default: int | None = None
) -> tuple[int, int] | None:
    """Take `many` of a quota's day, all or nothing: what is granted by then and the limit, or `None` when there is less
    left.
    """
    row = await tx.one(
        _sql.TAKE_QUOTA,
        b_quota=quota,
        b_day=day or china_day(tx.now),
        b_many=many,
        b_default=QUOTAS[quota] if default is None else default,
    )
    return None if row is None else (row.granted, row.per_day)


async def return_quota(tx: Tx, quota: str, many: int, day: date) -> None:
    """Give back what was taken and not used."""
    await tx.execute(_sql.RETURN_QUOTA, b_quota=quota, b_day=day, b_many=many)


async def spend_submission(tx: Tx) -> None:
    """One audit submission over the wire; it comes back only if the transaction fails. Raises
    `SubmissionsExhausted`.
    """
    if await take_quota(tx, SUBMISSIONS, 1) is None:
        raise SubmissionsExhausted(quota=SUBMISSIONS)


async def clear_quotas(tx: Tx) -> None:
    """Set today's call quotas back to unused; submissions stay spent. Raises `ClearsExhausted` after the
    month's tenth.
    """
    if await take_quota(tx, _CLEARS, 1, day=china_day(tx.now).replace(day=1), default=CLEARS_PER_MONTH) is None:
        raise ClearsExhausted
    await tx.execute(_sql.CLEAR_QUOTAS, b_day=china_day(tx.now))
    record(tx, "shop.clear_quotas", f"shop:{tx.shop}")


async def set_limits(tx: Tx, limits: Mapping[str, int | None]) -> None:
    """Set quotas per day; `None` returns to the default. Raises `QuotaUnknown` and `Invalid`."""
    for quota, limit in limits.items():
        if quota not in QUOTAS:
            raise QuotaUnknown(field=quota)
        if limit is None:
            await tx.execute(_sql.DROP_LIMIT, b_quota=quota)
        elif 0 <= limit <= LIMIT_MAX:
            await tx.execute(_sql.SET_LIMIT, b_quota=quota, b_limit=limit)
        else:
            raise Invalid(f"A limit is 0 to {LIMIT_MAX}.", field=quota)
    record(tx, "shop.set_limits", f"shop:{tx.shop}", quotas=sorted(limits))


async def add_fault(tx: Tx, appid: str, draft: FaultDraft) -> Fault:
    """Set up a fault for calls of an appid. Raises `FaultInvalid` and `TooManyFaults`."""
    draft = checked_fault(draft)
    await tx.execute(_sql.DELETE_SPENT_FAULTS, wall=wall_now())
    if await tx.scalar(_sql.COUNT_FAULTS) >= FAULTS_MAX:
        raise TooManyFaults
    made = Fault(
        new_number(), appid, draft.api, draft.kind, draft.errcode, draft.delay_ms, draft.remaining, draft.until
    )
    await tx.execute(
        _sql.INSERT_FAULT.values(
            shop_id=tx.shop,
            fault_id=made.fault_id,
            appid=appid,
            api=made.api,
            kind=made.kind,
            errcode=made.errcode,
            delay_ms=made.delay_ms,
            remaining=made.remaining,
            until=made.until,
            created_at=tx.now,
        )
    )
    record(tx, "shop.add_fault", f"fault:{made.fault_id}", api=made.api, kind=made.kind)
    return made


async def meet_fault(tx: Tx, fault_id: int, *, wall: datetime) -> bool:
    """Count one call against a fault; false when it was spent or removed meanwhile."""
    return await tx.one(_sql.MEET_FAULT, b_fault=fault_id, wall=wall) is not None


async def remove_fault(tx: Tx, fault_id: int) -> None:
    """Take a fault off the desk. Raises `FaultMissing`."""
    if await tx.one(_sql.DELETE_FAULT, b_fault=fault_id) is None:
        raise FaultMissing
    record(tx, "shop.remove_fault", f"fault:{fault_id}")


async def reset(tx: Tx) -> None:
    """Delete everything that a sandbox shop has gathered; its name, members, credential, trail and limits stay.

    The caller seeds it again. Raises `NotSandbox`.
    """
    if not (await queries.shop(tx)).sandbox:
        raise NotSandbox
    await tx.flush()
    await tx.execute(_sql.RESET)
    record(tx, "shop.reset", f"shop:{tx.shop}")
