"""What is planned for the goods of a room: how many will probably sell, at which price, what stands on the label, and
what the host says. Buyers see none of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from liveshelf.kernel.ids import GoodsId, RoomId, new_number
from liveshelf.kernel.text import is_plain
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.rooms import _line, _plans_sql
from liveshelf.rooms.errors import OverrideInvalid, PlanInvalid
from liveshelf.trail import service as trail

EXPECTED_MAX = 1_000_000
PRICE_MAX_FEN = 10_000_000
SCRIPT_MAX = 2_000
REASON = (5, 200)  # characters


@dataclass(frozen=True, slots=True)
class GoodsPlan:
    """The plan of one goods; what is `None` is not planned. `label_fen` is the printed price, `script` the host's."""

    expected: int | None = None
    planned_fen: int | None = None
    label_fen: int | None = None
    script: str = ""


NOTHING = GoodsPlan()


@dataclass(frozen=True, slots=True)
class Override:
    """Who overrode which findings of the check before the start, when and why."""

    findings: tuple[str, ...]
    reason: str
    actor: str
    at: datetime


async def plans(tx: ReadTx, room_id: RoomId) -> dict[GoodsId, GoodsPlan]:
    """What is planned in a room, by goods."""
    return {
        GoodsId(row.goods_id): GoodsPlan(row.expected, row.planned_fen, row.label_fen, row.script)
        for row in await tx.all(_plans_sql.PLANS, room=room_id)
    }


async def plan(tx: Tx, room_id: RoomId, goods_id: GoodsId, wanted: GoodsPlan) -> None:
    """Plan this for a goods of the shelf, in place of what was planned.

    Raises `PlanInvalid`, `RoomMissing`, `RoomStateRefuses`, `GoodsUnknown`, `GoodsNotInRoom`.
    """
    _check(wanted)
    await _line.opened(tx, room_id)
    await _line.place_of(tx, room_id, goods_id)
    if (await plans(tx, room_id)).get(goods_id, NOTHING) == wanted:
        return
    await tx.execute(_plans_sql.PUT_PLAN.values(shop_id=tx.shop, room_id=room_id, goods_id=goods_id, **asdict(wanted)))
    trail.record(
        tx,
        "rooms.plan",
        f"room:{room_id}",
        goods_id=goods_id,
        expected=wanted.expected,
        planned_fen=wanted.planned_fen,
        label_fen=wanted.label_fen,
    )


async def override(tx: Tx, room_id: RoomId, findings: Sequence[str], reason: str) -> None:
    """Write down that these findings shall not block the start, and why. Raises `OverrideInvalid`."""
    reason = reason.strip()
    if not REASON[0] <= len(reason) <= REASON[1] or not is_plain(reason):
        raise OverrideInvalid(field="reason")
    await tx.execute(
        _plans_sql.INSERT_OVERRIDE.values(
            shop_id=tx.shop,
            override_id=new_number(),
            room_id=room_id,
            findings=list(findings),
            reason=reason,
            actor=str(tx.actor),
            at=tx.now,
        )
    )
    trail.record(tx, "rooms.preflight_override", f"room:{room_id}", findings=list(findings), reason=reason)


async def overrides(tx: ReadTx, room_id: RoomId) -> list[Override]:
    """What was overridden for a room, the oldest first."""
    rows = await tx.all(_plans_sql.OVERRIDES, room=room_id)
    return [Override(tuple(row.findings), row.reason, row.actor, row.at) for row in rows]


def _check(wanted: GoodsPlan) -> None:
    limits: Mapping[str, tuple[int | None, int, int]] = {
        "expected": (wanted.expected, 0, EXPECTED_MAX),
        "planned_fen": (wanted.planned_fen, 1, PRICE_MAX_FEN),
        "label_fen": (wanted.label_fen, 1, PRICE_MAX_FEN),
    }
    for field, (value, least, most) in limits.items():
        if value is not None and not least <= value <= most:
            raise PlanInvalid(field=field)
    if len(wanted.script) > SCRIPT_MAX or not all(is_plain(line) for line in wanted.script.split("\n")):
        raise PlanInvalid(field="script")
