"""Reconciliation: fetch a day's bill from the provider and compare it with our books."""

from __future__ import annotations

from datetime import date

from liveshelf.adapters.payments.port import ProviderRefused, ProviderUnavailable
from liveshelf.billing import queries as bills
from liveshelf.billing import service as billing
from liveshelf.billing.errors import BillUnreadable, DayUnknown
from liveshelf.billing.rules import last_bill_day, parse_bill, parse_funds
from liveshelf.billing.types import DifferenceKind, LineKind
from liveshelf.flows import pay
from liveshelf.kernel.actors import SYSTEM, Actor
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import PaymentId, ShopId
from liveshelf.platform.log import logger
from liveshelf.platform.runtime import Runtime

_log = logger("reconcile")


async def fetch(runtime: Runtime, shop: ShopId, merchant: str, day: str) -> None:
    """The job: what goes wrong is written down, and the timer comes again."""
    try:
        await compare(runtime, shop, merchant, day=date.fromisoformat(day), actor=SYSTEM)
    except (ProviderUnavailable, ProviderRefused, BillUnreadable) as error:
        problem = str(error.context.get("reason", error.code))
        _log.error("bill_not_compared", shop_id=shop, day=day, reason=problem)
        when = date.fromisoformat(day)
        await runtime.db.write(SYSTEM, shop, lambda tx: billing.note_trouble(tx, merchant, when, problem=problem))


async def compare(runtime: Runtime, shop: ShopId, merchant: str, *, day: date, actor: Actor) -> None:
    """Fetch the bill of a day, compare, and ask the provider about payments that it knows as paid and we don't.

    Raises `DayUnknown`, `BillUnreadable`, `ProviderUnavailable`, `ProviderRefused`.
    """
    async with runtime.db.read(shop) as tx:
        now, ours = tx.now, await bills.expects(tx, merchant, day)
    if not ours:  # before the provider is asked: with another shop's number we would sign in as that shop
        raise DayUnknown
    if day > last_bill_day(now):
        raise DayUnknown("The bill of this day is not out yet.")
    provider = pay.provider_of(runtime)
    bill = parse_bill(await provider.trade_bill(merchant, day))
    funds = parse_funds(await provider.fund_bill(merchant, day))
    still = await runtime.db.write(actor, shop, lambda tx: billing.take(tx, merchant, day, bill, funds=funds))
    missed = [one for one in still if one.kind is DifferenceKind.STATE and one.what is LineKind.PAYMENT]
    for one in missed:
        try:
            await pay.check(runtime, shop, PaymentId(int(one.number)))
        except DomainError as error:
            _log.warning("not_asked", shop_id=shop, number=one.number, error=error.code)
    if missed:
        await runtime.db.write(SYSTEM, shop, billing.look_again)
