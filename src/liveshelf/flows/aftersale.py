"""After-sales where others take part: the platform decides, the provider has paid back, an order is gone."""

from __future__ import annotations

from liveshelf.accounts import queries as accounts
from liveshelf.aftersales import arbitration, granting, queries, service
from liveshelf.aftersales.errors import ArbiterNotIndependent, CaseUnknown
from liveshelf.aftersales.types import Case, CaseState, Said
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import AccountId, OrderId, ShopId
from liveshelf.orders.types import CloseReason, Order
from liveshelf.platform.db import Tx
from liveshelf.platform.log import logger
from liveshelf.platform.runtime import Runtime

_KEY = "aftersale:"
# Money that others owe back for the whole order leaves nothing for a case to decide.
_TAKEN_OVER = frozenset({CloseReason.OVERSOLD.value, CloseReason.ABNORMAL.value})
_UNDECIDED = frozenset({CaseState.APPLIED, CaseState.AWAITING_RETURN, CaseState.INSPECTING})

_log = logger("aftersale")


async def decide(tx: Tx, case: Case, order: Order, *, arbiter: AccountId, amount_fen: int, reason: str) -> None:
    """The platform's word. Raises `ArbiterNotIndependent` for a member of the shop, and as `arbitration.decide`."""
    if any(one.shop == tx.shop for one in await accounts.memberships(tx, arbiter)):
        raise ArbiterNotIndependent
    await arbitration.decide(tx, case, order, amount_fen=amount_fen, reason=reason)


async def settled(runtime: Runtime, shop: ShopId, *, key: str) -> None:
    """A refund has arrived; when a case owed it, the case is done. Repeating it changes nothing."""
    if not key.startswith(_KEY):
        return

    async def work(tx: Tx) -> None:
        case, _ = await service.take(tx, int(key.removeprefix(_KEY)))
        await granting.settled(tx, case)

    try:
        await runtime.db.write(SYSTEM, shop, work)
    except CaseUnknown:
        _log.error("refund_of_unknown_case", shop_id=shop, key=key)


async def order_closed(runtime: Runtime, shop: ShopId, *, order_id: int, reason: str) -> None:
    """An order closed with all of its money owed back: what its cases still asked for is settled by that."""
    if reason not in _TAKEN_OVER:
        return

    async def work(tx: Tx) -> None:
        for found in await queries.of_orders(tx, [OrderId(order_id)]):
            case, _ = await service.take(tx, found.case_id)
            if case.state in _UNDECIDED:
                await service.move(tx, case, CaseState.CLOSED, Said.ORDER_CLOSED)

    await runtime.db.write(SYSTEM, shop, work)
