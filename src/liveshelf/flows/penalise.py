"""Penalties with what they do to rooms and goods: a ban stops what is on air and takes goods off sale, a reversal puts
back what the ban took.
"""

from __future__ import annotations

from liveshelf.goods import queries as library
from liveshelf.goods import service as goods_service
from liveshelf.goods.types import AuditState, LiveGoods
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId
from liveshelf.penalties import queries, service
from liveshelf.penalties.types import Level, Penalty, Violation
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.reviews.types import Case, Verdict
from liveshelf.rooms import queries as room_queries
from liveshelf.rooms import service as rooms

BANNED = "the shop may not sell live"
LIFTED = "the ban was reversed"
GRANTED = "the appeal was granted"
BATCH = 50  # goods moved in one transaction, which holds the line of the library's changes


async def impose(tx: Tx, violation: Violation) -> Penalty:
    """Penalise the transaction's shop; a ban stops every room on air in the same breath, and the job takes its goods
    off sale. Raises as `penalties.service.impose`.
    """
    penalty = await service.impose(tx, violation)
    if penalty.level is Level.SEVERE:
        for room_id in await room_queries.on_air(tx):
            await rooms.ban(tx, room_id)
    return penalty


async def decided(tx: Tx, case: Case, verdict: Verdict) -> None:
    """An appeal against a penalty was judged by somebody else."""
    if verdict.passed:
        await service.reverse(tx, case.number, verdict.note.strip() or GRANTED)
    else:
        await service.uphold(tx, case.number)


async def enforce(runtime: Runtime, shop: ShopId) -> None:
    """Take the goods of a banned shop off sale, and put back those of one that is banned no more. May run twice."""
    while await runtime.db.write(SYSTEM, shop, _step):
        pass


async def _step(tx: Tx) -> bool:
    """Some of the work; whether more is left."""
    if (await queries.in_force(tx)).banned:
        cards = await library.newest_goods(tx, state=AuditState.APPROVED, text="", before=None, limit=BATCH)
        for card in cards:
            await take_off_sale(tx, card)
        return len(cards) == BATCH
    rows = await queries.taken_off(tx, limit=BATCH)
    for goods_id, audit_id in rows:
        entered = await goods_service.begin(tx)
        found = await library.live_goods(tx, [goods_id])
        if found and found[0].audit_id == audit_id and found[0].audit_state is AuditState.IN_AUDIT:
            goods = await goods_service.locked(tx, goods_id)
            await goods_service.approve(tx, goods, audit_id, note=LIFTED, development=False, entered=entered)
        await service.forget_taken_off(tx, goods_id)
    return len(rows) == BATCH


async def take_off_sale(tx: Tx, card: LiveGoods) -> None:
    """Take one goods off sale and off every shelf, to be put back when the ban is reversed."""
    entered = await goods_service.begin(tx)
    goods = await goods_service.locked(tx, card.goods_id)
    if goods.audit_state is not AuditState.APPROVED or goods.audit_id is None:
        return
    await goods_service.void_approval(tx, goods, note=BANNED, entered=entered)
    await rooms.take_off_everywhere(tx, goods.goods_id)
    await service.note_taken_off(tx, goods.goods_id, goods.audit_id)
