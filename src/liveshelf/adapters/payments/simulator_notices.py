"""The simulator tells merchants what has happened, again and again until they acknowledge it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import Row

from liveshelf.adapters.payments import _sql, simulator_bodies
from liveshelf.adapters.payments.merchants import APPID, simulated_number
from liveshelf.adapters.payments.port import RefundStanding
from liveshelf.adapters.payments.simulator_faults import Faults, current
from liveshelf.adapters.payments.simulator_keys import SimulatorKeys, simulator_keys
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.ids import ShopId, new_number
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Tx
from liveshelf.platform.log import logger
from liveshelf.platform.outbound import OutboundRefusedError
from liveshelf.platform.runtime import Runtime

RETRY = timedelta(seconds=5)  # until the next try of a notification that nobody acknowledged
_ACTOR = Actor(ActorKind.PROVIDER, "simulator")

_log = logger("simulator")


async def make(
    tx: Tx, faults: Faults, *, payment_id: int, refund_no: str, url: str, after: timedelta = timedelta()
) -> int | None:
    """Write down that a merchant is to be told, in the transaction of what it is about. Returns the notice's number if
    it is to be sent right now.
    """
    notice_id = new_number()
    wall = wall_now()
    wait = faults.waits(notice_id) + after
    await tx.execute(
        _sql.MAKE_NOTICE.values(
            shop_id=tx.shop,
            notice_id=notice_id,
            payment_id=payment_id,
            refund_no=refund_no,
            url=url,
            made_at=tx.now,
            # What is told right now is left to a timer only when that fails.
            send_at=wall + (wait or RETRY),
            tries=0,
        )
    )
    return None if wait else notice_id


async def deliver(runtime: Runtime, shop: ShopId, notice_id: int) -> bool:
    """Send a notice, with whatever the faults make of it; whether it was acknowledged. Never raises for the other
    side's faults.
    """
    keys = await simulator_keys(runtime)

    async def look(tx: Tx) -> tuple[Faults, str, tuple[dict[str, str], bytes] | None, int]:
        notice = await tx.one(_sql.NOTICE, notice=notice_id)
        faults = await current(tx)
        if notice is None or notice.send_at is None:
            return faults, "", None, 0
        await tx.execute(_sql.TRIED, notice=notice_id)
        return faults, notice.url, await written(tx, keys, notice), notice.tries

    faults, url, letter, tries = await runtime.db.write(_ACTOR, shop, look)
    if letter is None:
        return True
    headers, body = letter
    if faults.loses(notice_id, tries):
        return False
    if faults.forge:
        await _post(runtime, url, {**headers, "wechatpay-nonce": "FORGED"}, body)
    taken = [await _post(runtime, url, headers, body) for _ in range(1 + faults.repeat)]
    if any(taken):
        await runtime.db.write(_ACTOR, shop, lambda tx: tx.execute(_sql.ACKNOWLEDGED, notice=notice_id))
    return any(taken)


async def written(tx: Tx, keys: SimulatorKeys, notice: Row[Any]) -> tuple[dict[str, str], bytes] | None:
    """A notice as it is sent, signed at this moment; nothing while its refund is still under way."""
    mchid = simulated_number(tx.shop)
    paid = await tx.one(_sql.PAYMENT, payment=notice.payment_id)
    if paid is None:
        return None
    if notice.refund_no:
        refund = await end_refund(tx, notice.refund_no)
        if refund is None or refund.state == RefundStanding.PROCESSING:
            return None
        event = f"REFUND.{refund.state.upper()}"
        resource = simulator_bodies.refund_notice(refund, paid, mchid=mchid)
    else:
        event = "TRANSACTION.SUCCESS"
        # What it was when it was paid: a refund since then has a notice of its own.
        resource = {**simulator_bodies.transaction(paid, mchid=mchid, appid=APPID), "trade_state": "SUCCESS"}
    body = simulator_bodies.envelope(keys, notice.notice_id, event, resource)
    return simulator_bodies.signed(keys, body), body


async def end_refund(tx: Tx, number: str) -> Row[Any] | None:
    """The refund of a number, ended when its time has come."""
    ended = await tx.execute(_sql.END_REFUND, number=number, wall=wall_now(), moment=tx.now)
    row = await tx.one(_sql.REFUND_BY_NO, number=number)
    if row is not None and ended.rowcount and row.state == RefundStanding.CLOSED:
        await tx.execute(_sql.PUT_BACK, payment=row.payment_id, amount=row.amount_fen)
    return row


async def _post(runtime: Runtime, url: str, headers: dict[str, str], body: bytes) -> bool:
    try:
        answer = await runtime.outbound.post(url, body, headers)
    except (OutboundRefusedError, httpx.HTTPError, OSError, TimeoutError) as error:
        _log.warning("notice_not_delivered", error=repr(error))
        return False
    if answer.status >= httpx.codes.MULTIPLE_CHOICES:
        _log.warning("notice_not_taken", status=answer.status)
        return False
    return True
