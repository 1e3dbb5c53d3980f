"""Commands: say where to tell, keep what is to be told, and write down how it went. Nothing here calls anybody."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from liveshelf.kernel.ids import CustomerId, new_number
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Tx
from liveshelf.platform.signing import Keys
from liveshelf.trail import service as trail
from liveshelf.webhooks import _sql, letters, queries, rules
from liveshelf.webhooks.errors import DeliveryBusy, DeliveryMissing, EndpointMissing
from liveshelf.webhooks.events import DeliveryDue, DeliveryGivenUp
from liveshelf.webhooks.types import (
    KEPT,
    LEASE,
    Delivery,
    EndpointDraft,
    Message,
    Secrets,
    Sender,
    Try,
    TryOutcome,
)

_PURPOSE = "webhook-secrets"
_HINT = 4  # characters of a secret that its owner may know it by


async def keep_endpoint(tx: Tx, keys: Keys, draft: EndpointDraft, known: Secrets) -> None:
    """Keep where the shop's server listens; it was verified just now."""
    sealed = keys.encrypt(_PURPOSE, msgspec.json.encode([known.token, known.aes_key]).decode())
    await tx.execute(
        _sql.PUT_ENDPOINT,
        shop_id=tx.shop,
        url=draft.url,
        backup_url=draft.backup_url,
        mode=draft.mode,
        form=draft.form,
        sealed=sealed,
        token_hint=known.token[-_HINT:] if len(known.token) > 2 * _HINT else "",
        key_hint=known.aes_key[-_HINT:],
        enabled=draft.enabled,
        verified_at=tx.now,
        changed_by=str(tx.actor),
        changed_at=tx.now,
    )
    trail.record(tx, "webhooks.set_endpoint", f"shop:{tx.shop}", mode=draft.mode.value, enabled=draft.enabled)


async def remove_endpoint(tx: Tx) -> None:
    """Tell nobody any more. What waits goes to whatever is set within a day. Raises `EndpointMissing`."""
    if await tx.scalar(_sql.DELETE_ENDPOINT) is None:
        raise EndpointMissing
    trail.record(tx, "webhooks.remove_endpoint", f"shop:{tx.shop}")


def opened(keys: Keys, sealed: bytes) -> Secrets:
    """Token and key of an endpoint."""
    token, aes_key = msgspec.json.decode(keys.decrypt(_PURPOSE, sealed), type=tuple[str, str])
    return Secrets(token, aes_key)


async def tell(tx: Tx, messages: Sequence[Message], sender: Sender) -> int:
    """Keep messages that are to be sent now; what was kept before is not kept again. How many are new."""
    wall = wall_now()
    new = 0
    for one in messages:
        delivery_id = new_number()
        statement = _sql.INSERT.values(
            shop_id=tx.shop,
            delivery_id=delivery_id,
            key=one.key,
            event=one.event,
            message=letters.fields_of(one, sender),
            customer_id=one.customer_id,
            state="waiting",
            runs=1,
            claimed=0,
            # Sent at once; should that not happen, the timer begins the next run.
            send_at=wall + LEASE,
            made_at=wall,
        )
        if await tx.scalar(statement) is not None:
            new += 1
            tx.emit(DeliveryDue(delivery_id=delivery_id, run=1), stream=f"webhook:{delivery_id}")
    return new


async def take_due(tx: Tx, limit: int) -> int:
    """Begin the next run of what waits and whose pause is over; how many."""
    wall = wall_now()
    rows = await tx.all(_sql.TAKE_DUE, wall=wall, lease=wall + LEASE, most=limit)
    for row in rows:
        tx.emit(DeliveryDue(delivery_id=row.delivery_id, run=row.runs), stream=f"webhook:{row.delivery_id}")
    return len(rows)


async def claim(tx: Tx, delivery_id: int, run: int) -> Delivery | None:
    """The message, for whoever does this run; `None` when it is done, or another is at it."""
    wall = wall_now()
    if await tx.scalar(_sql.CLAIM, delivery=delivery_id, run=run, wall=wall, lease=wall + LEASE) is None:
        return None
    return await queries.delivery(tx, delivery_id)


async def claim_by_hand(tx: Tx, delivery_id: int) -> Delivery:
    """The message, to be sent once more by hand. Raises `DeliveryMissing`, `DeliveryBusy`."""
    found = await queries.delivery(tx, delivery_id)
    if found is None:
        raise DeliveryMissing(delivery_id=str(delivery_id))
    wall = wall_now()
    if await tx.scalar(_sql.CLAIM_BY_HAND, delivery=delivery_id, wall=wall, lease=wall + LEASE) is None:
        raise DeliveryBusy
    trail.record(tx, "webhooks.send_again", f"webhook:{delivery_id}")
    return found


async def settle(tx: Tx, sent: Delivery, tries: Sequence[Try]) -> None:
    """Write down how a run went: taken, to be sent again after a pause, or given up."""
    wall = wall_now()
    rows = [
        {
            "shop_id": tx.shop,
            "delivery_id": sent.delivery_id,
            "try_id": new_number(),
            "at": one.at,
            "backup": one.backup,
            "outcome": one.outcome,
            "status": one.status,
            "ms": one.ms,
            "excerpt": one.excerpt,
            "by_hand": one.by_hand,
        }
        for one in tries
    ]
    # Erased or forgotten while it was on its way: then there is nothing to write to.
    if await queries.delivery(tx, sent.delivery_id) is None:
        return
    await tx.conn.execute(_sql.INSERT_TRIES, rows)
    await tx.execute(_sql.RELEASE, delivery=sent.delivery_id)
    last = tries[-1]
    if last.outcome is TryOutcome.TAKEN:
        await tx.execute(_sql.DONE, delivery=sent.delivery_id, wall=wall)
    elif not last.by_hand:
        if (pause := rules.pause_after(sent.runs)) is not None:
            await tx.execute(_sql.AGAIN, delivery=sent.delivery_id, lease=wall + pause)
            return
        await tx.execute(_sql.GIVE_UP, delivery=sent.delivery_id, wall=wall)
        told = DeliveryGivenUp(delivery_id=sent.delivery_id, event=sent.event)
        tx.emit(told, stream=f"webhook:{sent.delivery_id}")


async def erase(tx: Tx, customer_id: CustomerId) -> None:
    """A customer was erased: what was told about them is gone, also what still waits."""
    await tx.execute(_sql.ERASE, customer=customer_id)


async def forget_old(tx: Tx, limit: int) -> int:
    """Delete what was made more than `KEPT` ago, with its tries; how many."""
    return len(await tx.all(_sql.DELETE_OLD, before=wall_now() - KEPT, most=limit))
