"""Providers' notifications: kept verbatim before anything follows from them.

There are two receivers, the HTTP process and the gateway, each able to do it alone; what both take in is handled once,
by the notice's own number. A notification is believed only with the provider's true and fresh signature. Once kept it
is acknowledged: should its consequences not be drawn at once, a timer draws them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from liveshelf.adapters.payments.port import Notice, NoticeRefused
from liveshelf.flows import pay
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.ids import ShopId
from liveshelf.payments import queries, rules
from liveshelf.payments import service as payments
from liveshelf.payments.errors import PaymentsOff, PaymentUnknown
from liveshelf.platform import metrics
from liveshelf.platform.db import Tx
from liveshelf.platform.log import logger
from liveshelf.platform.ratelimit import RateLimit
from liveshelf.platform.runtime import Runtime

NOTICE_MAX = 64 << 10  # bytes; a notification is some hundred
PROCESS_S = 3.0  # WeChat Pay wants its answer within five seconds
_HEADERS_KEPT = 40  # of a notification; providers send some ten

_samples = RateLimit(per_s=0.1, burst=3)  # of refused notifications, by merchant: a flood must not fill the table
_log = logger("inbox")


async def receive(runtime: Runtime, *, provider: str, merchant: str, headers: Mapping[str, str], body: bytes) -> None:
    """Take in a notification: verify, keep verbatim, then draw its consequences.

    Raises `NoticeRefused`, of which a few are kept for staff to look at, and `PaymentsOff`.
    """
    adapter = pay.provider_of(runtime)
    if adapter.name != provider:
        raise PaymentsOff
    kept = dict(sorted(headers.items())[:_HEADERS_KEPT])
    try:
        notice = await adapter.verify(merchant, headers, body)
    except NoticeRefused:
        metrics.NOTICES.labels("refused").inc()
        if _samples.allows(merchant):
            _log.warning("notice_refused", merchant=merchant, size=len(body))
        raise
    actor = Actor(ActorKind.PROVIDER, provider)
    callback_id = await runtime.db.write(
        actor,
        notice.shop,
        lambda tx: payments.keep_callback(
            tx, provider=provider, merchant=merchant, notice_id=notice.notice_id, headers=kept, body=body
        ),
    )
    metrics.NOTICES.labels("kept").inc()
    try:
        async with asyncio.timeout(PROCESS_S):
            await runtime.db.write(actor, notice.shop, lambda tx: _process(tx, callback_id, notice))
    except Exception:  # noqa: BLE001 - kept already: the timer draws its consequences
        _log.exception("notice_left_to_timer", shop_id=notice.shop, callback_id=callback_id)


async def process(runtime: Runtime, shop: ShopId, callback_id: int) -> None:
    """Draw the consequences of a kept notification that its own request did not process. It was verified when it
    came.
    """
    async with runtime.db.read(shop) as tx:
        kept = await queries.callback(tx, callback_id)
    if kept is None or kept.processed:
        return
    notice = await pay.provider_of(runtime).read(kept.merchant, kept.body)
    await runtime.db.write(Actor(ActorKind.PROVIDER, kept.provider), shop, lambda tx: _process(tx, callback_id, notice))


async def _process(tx: Tx, callback_id: int, notice: Notice) -> None:
    kept = await payments.lock_callback(tx, callback_id)
    if kept is None or kept.processed:
        return
    try:
        await _follow(tx, notice)
    except PaymentUnknown:
        _log.error("notice_of_unknown_payment", shop_id=tx.shop, notice=notice.notice_id)
    await payments.finish_callback(tx, callback_id)


async def _follow(tx: Tx, notice: Notice) -> None:
    if notice.receipt is not None:
        await pay.settle(tx, notice.receipt)
    if notice.refund is not None:
        named = rules.refund_named(notice.refund.number)
        refund = None if named is None else await queries.refund(tx, named[0])
        if refund is None:
            raise PaymentUnknown
        if refund.number == notice.refund.number:  # an earlier round's word says nothing about this one
            await pay.settle_refund(tx, refund, notice.refund.status)
