"""Reads: where a shop's server listens, and what it was told."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from liveshelf.kernel.paging import Page, below, clamp_limit, page_of
from liveshelf.platform.db import ReadTx
from liveshelf.webhooks import _sql
from liveshelf.webhooks.types import Delivery, DeliveryState, Endpoint, MessageForm, MessageMode, Try, TryOutcome


async def endpoint(tx: ReadTx) -> Endpoint | None:
    """Where the transaction's shop wants to be told, if it has said so."""
    row = await tx.one(_sql.ENDPOINT)
    if row is None:
        return None
    return Endpoint(
        row.url,
        row.backup_url,
        MessageMode(row.mode),
        MessageForm(row.form),
        bytes(row.sealed),
        row.token_hint,
        row.key_hint,
        row.enabled,
        row.verified_at,
        row.changed_by,
        row.changed_at,
    )


async def delivery(tx: ReadTx, delivery_id: int) -> Delivery | None:
    """One message that was to be told, or `None`."""
    row = await tx.one(_sql.DELIVERY, delivery=delivery_id)
    return None if row is None else _as_delivery(row)


async def deliveries(
    tx: ReadTx, *, state: DeliveryState | None = None, cursor: str | None = None, limit: int | None = None
) -> Page[Delivery]:
    """What was to be told, the latest first."""
    size = clamp_limit(limit)
    args: dict[str, object]
    statement, args = _sql.PAGE, {"before": below(cursor), "most": size + 1}
    if state is not None:
        statement, args = statement.where(_sql.IN_STATE), {**args, "in_state": state}
    rows = await tx.all(statement, **args)
    return page_of([_as_delivery(row) for row in rows], size, lambda one: (one.delivery_id,))


async def tries(tx: ReadTx, delivery_id: int) -> list[Try]:
    """How a message's tries ended, the first one first."""
    return [
        Try(row.at, row.backup, TryOutcome(row.outcome), row.status, row.ms, row.excerpt, row.by_hand)
        for row in await tx.all(_sql.TRIES, delivery=delivery_id)
    ]


async def counts(tx: ReadTx) -> dict[DeliveryState, int]:
    """How many messages are in each state."""
    found = {DeliveryState(row.state): int(row.many) for row in await tx.all(_sql.COUNTS)}
    return {state: found.get(state, 0) for state in DeliveryState}


def _as_delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        row.delivery_id,
        row.event,
        row.message,
        DeliveryState(row.state),
        row.runs,
        row.send_at,
        row.made_at,
        row.done_at,
    )
