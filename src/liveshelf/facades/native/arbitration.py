"""The platform's desk for disputes: cases that buyers have called it to, of all shops, and the decisions."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from litestar import get, post
from litestar.params import QueryParameter

from liveshelf.accounts.types import Operator, Permission
from liveshelf.aftersales import queries, service
from liveshelf.aftersales.rules import TEXT_MAX
from liveshelf.aftersales.types import Side
from liveshelf.facades.native.aftersale_views import Asker, CaseDetail, CasePage, CaseView, case_detail, case_views
from liveshelf.facades.native.shell import Cursor, Limit, LongId, RequestId, once, reviewer
from liveshelf.flows import aftersale
from liveshelf.kernel.fen import MAX_FEN
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime

Waiting = Annotated[Literal["waiting", "decided"], QueryParameter(name="state")]


class ArbiterDecision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So much goes back, or nothing, and why."""

    request_id: RequestId
    amount_fen: Annotated[int, msgspec.Meta(ge=0, le=MAX_FEN)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_MAX)]


@get("/arbitrations", dependencies=reviewer("arbitration.read"), tags=["arbitrations"])
async def list_arbitrations(
    operator: Operator,
    runtime: Runtime,
    *,
    wanted: Waiting = "waiting",
    cursor: Cursor = None,
    limit: Limit = None,
) -> CasePage:
    """Cases that the platform is to decide, the longest wait first; or has decided, the latest first."""
    async with runtime.db.read() as tx:
        page = await queries.arbitrations(tx, decided=wanted == "decided", cursor=cursor, limit=limit)
    views: dict[str, CaseView] = {}
    for shop in dict.fromkeys(shop for shop, _ in page.items):  # one shop's data may lie on a machine of its own
        async with runtime.db.read(shop) as tx:
            found = await queries.cases(tx, [case_id for its, case_id in page.items if its == shop])
            shown = await case_views(tx, runtime, list(found.values()), _asker(operator))
            views |= {view.case_id: view for view in shown}
    return CasePage([views[str(case_id)] for _, case_id in page.items], page.next)


@get("/arbitrations/{case_id:int}", dependencies=reviewer("arbitration.read"), tags=["arbitrations"])
async def one_arbitration(case_id: LongId, operator: Operator, runtime: Runtime) -> CaseDetail:
    """One case with its log."""
    return await _shown(runtime, operator, case_id)


@post(
    "/arbitrations/{case_id:int}/decide",
    status_code=200,
    dependencies=reviewer("arbitration.decide"),
    tags=["arbitrations"],
)
async def decide(case_id: LongId, data: ArbiterDecision, operator: Operator, runtime: Runtime) -> CaseDetail:
    """Decide for both sides."""
    shop = await _shop(runtime, case_id)

    async def work(tx: Tx) -> bool:
        case, order = await service.take(tx, case_id)
        await aftersale.decide(
            tx, case, order, arbiter=operator.account_id, amount_fen=data.amount_fen, reason=data.reason
        )
        return True

    await runtime.db.write(
        operator.actor, shop, work, once=once("aftersales.arbitrate", data.request_id, [case_id, data], bool)
    )
    return await _shown(runtime, operator, case_id)


async def _shop(runtime: Runtime, case_id: int) -> ShopId:
    async with runtime.db.read() as tx:
        return await queries.shop_of_arbitration(tx, case_id)


async def _shown(runtime: Runtime, operator: Operator, case_id: int) -> CaseDetail:
    async with runtime.db.read(await _shop(runtime, case_id)) as tx:
        return await case_detail(tx, runtime, await queries.case(tx, case_id), _asker(operator))


def _asker(operator: Operator) -> Asker:
    return Asker(Side.PLATFORM, decides=Permission.ARBITRATION_DECIDE in operator.permissions)


ROUTES = [list_arbitrations, one_arbitration, decide]
