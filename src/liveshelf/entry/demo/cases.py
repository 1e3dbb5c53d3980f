"""The demo shop's after-sales: a case that waits with a promise, one before the platform, one whose money is back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from liveshelf.accounts.types import Role
from liveshelf.aftersales import applying, arbitration, granting, queries, rules, service, setup
from liveshelf.aftersales.types import Address, Application, Case, CaseKind
from liveshelf.customers.types import customer_actor
from liveshelf.entry.demo.catalogue import Sale
from liveshelf.kernel.actors import Actor
from liveshelf.kernel.ids import ShopId
from liveshelf.orders.types import Order
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime

HOME = Address("阿清茶铺 售后", "0571-88886666", "浙江省 杭州市 西湖区", "龙井路 1 号 2 楼")


class Becomes(StrEnum):
    """How far a demo case goes."""

    PROMISED = "promised"
    DISPUTED = "disputed"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class Dispute:
    """An order of a demo buyer, and what they ask for."""

    sale: Sale
    reason: str
    text: str
    becomes: Becomes


DISPUTES = (
    Dispute(
        Sale(1, (("teapot", 0, 1),), paid=True),
        "agreed",
        "和客服说好改买三人的那款，这把先退。",
        Becomes.PROMISED,
    ),
    Dispute(
        Sale(3, (("scarf", 0, 1),), paid=True),
        "changed_mind",
        "刚下单就想换颜色，还没发货，麻烦退一下。",
        Becomes.DISPUTED,
    ),
    Dispute(
        Sale(2, (("candle", 1, 1),), paid=True),
        "not_shipped",
        "赶不上送人了，退款吧。",
        Becomes.REFUNDED,
    ),
)


async def keep_address(runtime: Runtime, shop: ShopId, owner: Actor) -> None:
    """A return address, once."""
    sealed = rules.seal_address(runtime.keys, HOME)

    async def work(tx: Tx) -> None:
        if not await queries.addresses(tx):
            await setup.add_address(tx, sealed)

    await runtime.db.write(owner, shop, work)


async def open_case(runtime: Runtime, shop: ShopId, order: Order, plan: Dispute, *, clerk: Actor) -> None:
    """The buyer applies and both sides do what the plan says; an order that has a case is left alone."""
    buyer = customer_actor(order.customer_id)
    wish = Application(
        CaseKind.REFUND,
        plan.reason,
        tuple((number, line.quantity, None) for number, line in enumerate(order.lines, 1)),
        None,
        plan.text,
        (),
    )

    async def apply(tx: Tx) -> int | None:
        if await queries.of_orders(tx, [order.order_id]):
            return None
        return await applying.apply(tx, order.order_id, wish, customer_id=order.customer_id)

    case_id = await runtime.db.write(buyer, shop, apply)
    if case_id is None:
        return

    async def do(actor: Actor, verb: Callable[[Tx, Case, Order], Awaitable[object]]) -> None:
        async def work(tx: Tx) -> None:
            case, its = await service.take(tx, case_id)
            await verb(tx, case, its)

        await runtime.db.write(actor, shop, work)

    if plan.becomes is Becomes.PROMISED:

        async def promise(tx: Tx, case: Case, _order: Order) -> None:
            await service.say(tx, case, "收到，三人壶补货中，明天给您准信。", [], until=tx.now + timedelta(hours=24))

        await do(clerk, promise)
        await do(clerk, lambda tx, case, _order: service.note(tx, case, "仓库说 280 ml 明早到货，到了再同意退款。"))
    elif plan.becomes is Becomes.DISPUTED:
        no = "丝巾已裁好打包，不支持退款。"
        await do(clerk, lambda tx, case, _order: granting.refuse(tx, case, role=Role.SERVICE, text=no))
        why = "下单 5 分钟就申请了，包裹并没有寄出，请平台判断。"
        await do(buyer, lambda tx, case, its: arbitration.call(tx, case, its, why))
    else:
        await do(
            clerk,
            lambda tx, case, its: granting.approve(tx, case, its, role=Role.SERVICE, step=0, text="抱歉让您久等了。"),
        )
