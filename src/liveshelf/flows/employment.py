"""A shop's enterprise at WeCom: bound once its list could be read, and read again and again.

Prepare, call, settle: WeCom is asked between two transactions, never inside one.
"""

from __future__ import annotations

from collections.abc import Sequence

from liveshelf.accounts import presence
from liveshelf.adapters.wecom.port import Corp, Wecom, WecomRefused, WecomUnavailable
from liveshelf.kernel.actors import SYSTEM, Actor
from liveshelf.kernel.ids import AccountId, ShopId
from liveshelf.platform.db import Tx
from liveshelf.platform.log import logger
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications import employees
from liveshelf.qualifications.errors import EnterpriseUnbound

_log = logger("wecom")


async def bind(runtime: Runtime, actor: Actor, shop: ShopId, corp: Corp) -> None:
    """Bind the shop to its enterprise, whose list is read first.

    Raises as `employees.bind`, `WecomRefused` and `WecomUnavailable`; then nothing is bound.
    """
    employees.check_corp(corp)
    async with runtime.db.read(shop) as tx:
        await employees.must_be_enterprise(tx)
    found = await runtime.need(Wecom).employees(corp)
    keys = runtime.keys

    async def work(tx: Tx) -> list[AccountId]:
        gone = await employees.bind(tx, keys, corp)
        return gone + await employees.take_list(tx, keys, corp, found)

    await _shut_out(runtime, await runtime.db.write(actor, shop, work))


async def read_now(runtime: Runtime, actor: Actor, shop: ShopId) -> None:
    """Read the list now. Raises `EnterpriseUnbound`, `WecomRefused`, `WecomUnavailable`."""
    async with runtime.db.read(shop) as tx:
        corp = await employees.corp_of(tx, runtime.keys)
    try:
        found = await runtime.need(Wecom).employees(corp)
    except WecomRefused as error:
        reason = str(error.context.get("reason", ""))
        await runtime.db.write(actor, shop, lambda tx: employees.refuse(tx, corp, reason))
        raise
    keys = runtime.keys
    gone = await runtime.db.write(actor, shop, lambda tx: employees.take_list(tx, keys, corp, found))
    await _shut_out(runtime, gone)


async def read_list(runtime: Runtime, shop: ShopId) -> None:
    """Read the list because its minute is over; the next minute comes again whatever happened."""
    try:
        await read_now(runtime, SYSTEM, shop)
    except EnterpriseUnbound:
        return
    except (WecomRefused, WecomUnavailable) as error:
        _log.warning("list_not_read", shop_id=shop, code=error.code, reason=error.context.get("reason"))


async def unmatch(runtime: Runtime, actor: Actor, shop: ShopId, employee_id: int) -> None:
    """Take an employee's account away, with all that it has open. Raises `EmployeeUnknown`."""
    gone = await runtime.db.write(actor, shop, lambda tx: employees.unmatch(tx, employee_id))
    await _shut_out(runtime, [] if gone is None else [gone])


async def _shut_out(runtime: Runtime, gone: Sequence[AccountId]) -> None:
    for account_id in gone:
        await presence.shut_out(runtime.bus, account_id)
