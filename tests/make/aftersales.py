"""Orders that were paid and maybe sent, and cases on them."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from typing import Any

from liveshelf.accounts.types import Role
from liveshelf.aftersales import applying, granting, queries, rules, service, setup
from liveshelf.aftersales.types import Address, Application, Case, CaseKind
from liveshelf.customers.types import customer_actor
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.ids import CustomerId, OrderId, ShopId
from liveshelf.orders import shipping
from liveshelf.orders.types import Order
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.signing import Keys
from tests.make.paying import Till
from tests.make.selling import Sold, addressed, bought, guest, order, wish

CLERK = Actor(ActorKind.STAFF, "7")
OWNER = Actor(ActorKind.STAFF, "8")
HOME = Address("山间茶铺", "0571-88886666", "浙江省 杭州市 西湖区", "龙井路 1 号 2 楼")
SUPPORT = Role.SERVICE


@dataclass
class Desk:
    """A shop's after-sales, seen from a test: both sides act through it."""

    db: Database
    shop: ShopId
    till: Till
    keys: Keys

    async def paid(self, sold: Sold, quantity: int = 1, *, who: CustomerId | None = None, **changes: Any) -> Order:
        """An order that was paid."""
        buyer = who or await guest(self.db, self.shop)
        placed = await bought(self.db, self.shop, wish(buyer, sold.sku_id, quantity, **changes))
        await addressed(self.db, self.shop, placed)
        await self.till.press(await self.till.start(self.shop, placed, request_id=str(uuid.uuid4())))
        return await order(self.db, self.shop, placed.order_id)

    async def sent(self, sold: Sold, quantity: int = 1, **more: Any) -> Order:
        """An order that is with its buyer."""
        paid = await self.paid(sold, quantity, **more)
        await self.ship(paid.order_id)
        return await order(self.db, self.shop, paid.order_id)

    async def ship(self, order_id: OrderId) -> None:
        """All of it leaves the house."""
        await self.as_staff(lambda tx: shipping.ship(tx, order_id, carrier="SF", tracking_no="SF1234567890123"))

    async def address(self) -> int:
        """The shop can be sent things back to."""
        sealed = rules.seal_address(self.keys, HOME)
        return await self.as_staff(lambda tx: setup.add_address(tx, sealed))

    async def apply(self, on: Order, kind: CaseKind = CaseKind.REFUND, quantity: int = 1, **changes: Any) -> Any:
        """The buyer applies for so many pieces of the first line."""
        facts: dict[str, Any] = {
            "kind": kind,
            "reason_code": "changed_mind",
            "lines": ((1, quantity, None),),
            "amount_fen": None,
            "text": "不想要了",
            "pictures": (),
        }
        case_id = await self.db.write(
            customer_actor(on.customer_id),
            self.shop,
            lambda tx: applying.apply(tx, on.order_id, Application(**{**facts, **changes}), customer_id=on.customer_id),
        )
        return await self.case(case_id)

    async def as_staff(self, work: Any, actor: Actor = CLERK) -> Any:
        return await self.db.write(actor, self.shop, work)

    async def do(self, case: Case, verb: Any, actor: Actor = CLERK) -> Any:
        """Somebody does something to a case; `verb` takes (tx, case, order)."""

        async def work(tx: Tx) -> None:
            mine = case.customer_id if actor.kind is ActorKind.CUSTOMER else None
            taken, order_ = await service.take(tx, case.case_id, customer_id=mine)
            await verb(tx, taken, order_)

        await self.db.write(actor, self.shop, work)
        return await self.case(case.case_id)

    async def buyer(self, case: Case, verb: Any) -> Any:
        return await self.do(case, verb, customer_actor(case.customer_id))

    async def approve(self, case: Case, role: Role = SUPPORT, step: int | None = None) -> Any:
        at = case.step if step is None else step
        return await self.do(
            case, lambda tx, one, order_: granting.approve(tx, one, order_, role=role, step=at, text="")
        )

    async def withdraw(self, case: Case) -> Any:
        return await self.buyer(case, lambda tx, one, _order: granting.withdraw(tx, one))

    async def send_back(self, case: Case) -> Any:
        parcel = rules.checked_parcel("顺丰速运", "SF1234567890123")
        return await self.buyer(case, lambda tx, one, _order: granting.send_back(tx, one, parcel))

    async def inspect(self, case: Case, *, restock: bool = True) -> Any:
        return await self.do(case, lambda tx, one, order_: granting.accept_return(tx, one, order_, restock=restock))

    async def say(self, case: Case, words: str, **more: Any) -> Any:
        return await self.do(case, lambda tx, one, _order: service.say(tx, one, words, [], **more))

    async def case(self, case_id: int) -> Any:
        async with self.db.read(self.shop) as tx:
            return await queries.case(tx, case_id)

    async def log(self, case: Case, *, internal: bool = True) -> list[Any]:
        async with self.db.read(self.shop) as tx:
            return await queries.log(tx, case.case_id, internal=internal)

    async def said(self, case: Case) -> list[str]:
        return [entry.said.value for entry in await self.log(case)]


async def outcomes(*work: Any) -> list[Any]:
    """What came of doing all of this at the same moment, errors included."""
    return await asyncio.gather(*work, return_exceptions=True)
