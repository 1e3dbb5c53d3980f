"""What must be true afterwards, each looked up in the database as its owner sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import asyncpg

from liveshelf.entry.drill.crowd import Crowd, Try
from liveshelf.entry.drill.shop import PRICE_FEN
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Database
from liveshelf.stock import queries as stock

REFUND_LIMIT_S = 600
_SOLD = ("to_ship", "partly_shipped", "to_receive", "done")


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence, whether it held, and the figures behind it."""

    name: str
    zh: str
    held: bool
    detail: str


async def judged(
    db: Database, admin: asyncpg.Connection, crowd: Crowd, *, pieces: int, repeated: list[tuple[Try, str]]
) -> list[Claim]:
    """Every claim of the drill."""
    return [
        await _sold(admin, crowd, pieces),
        await _books(db, crowd),
        await _answered(admin, crowd),
        _again(repeated),
        await _money(admin, crowd, pieces),
        await _refunds(admin, crowd),
        await _quiet(admin, crowd),
    ]


async def figures(admin: asyncpg.Connection, crowd: Crowd) -> dict[str, object]:
    """What happened, in numbers."""
    shop = int(crowd.shop.shop)
    states = await admin.fetch(
        "SELECT state, close_reason, count(*) FROM orders WHERE shop_id = $1 GROUP BY 1, 2", shop
    )
    whys = await admin.fetch("SELECT why, count(*) FROM order_history WHERE shop_id = $1 GROUP BY 1", shop)
    took = sorted(one.took_s for one in crowd.tries)
    refusals: dict[str, int] = {}
    for one in crowd.tries:
        refusals[one.refusal or "placed"] = refusals.get(one.refusal or "placed", 0) + 1
    return {
        "buyers": len({one.buyer for one in crowd.tries}),
        "tries": len(crowd.tries),
        "answers": dict(sorted(refusals.items())),
        "requests_without_an_answer": crowd.unanswered,
        "requests_sent": sum(one.asked for one in crowd.tries),
        "orders": {f"{row[0]}{'/' + row[1] if row[1] else ''}": row[2] for row in states},
        "moves": {row[0]: row[1] for row in whys},
        "placing_s": {"p50": round(took[len(took) // 2], 4), "p99": round(took[len(took) * 99 // 100], 4)},
        "notifications_kept": await admin.fetchval("SELECT count(*) FROM payment_callbacks WHERE shop_id = $1", shop),
    }


async def _sold(admin: asyncpg.Connection, crowd: Crowd, pieces: int) -> Claim:
    shop = int(crowd.shop.shop)
    (counters,) = await admin.fetch(
        "SELECT sum(on_hand) AS on_hand, sum(held) AS held, sum(sold) AS sold FROM stock WHERE shop_id = $1", shop
    )
    ordered = await admin.fetchval(
        "SELECT coalesce(sum(l.quantity), 0) FROM orders o JOIN order_lines l USING (shop_id, order_id)"
        " WHERE o.shop_id = $1 AND o.state = ANY($2)",
        shop,
        list(_SOLD),
    )
    found = (int(counters["sold"]), int(counters["on_hand"]), int(counters["held"]), int(ordered))
    return Claim(
        f"Exactly {pieces} pieces were sold",
        f"恰好售出 {pieces} 件",
        found == (pieces, 0, 0, pieces),
        f"sold {found[0]}, on hand {found[1]}, held {found[2]}, in paid orders {found[3]}",
    )


async def _books(db: Database, crowd: Crowd) -> Claim:
    async with db.read(crowd.shop.shop) as tx:
        wrong = await stock.differences(tx)
    return Claim("Counters, ledger and holds agree", "计数、流水与占库一致", not wrong, f"{len(wrong)} differences")


async def _answered(admin: asyncpg.Connection, crowd: Crowd) -> Claim:
    told = {one.order_id: one for one in crowd.placed}
    kept = {
        str(row["order_id"])
        for row in await admin.fetch("SELECT order_id FROM orders WHERE shop_id = $1", int(crowd.shop.shop))
    }
    silent = [one for one in crowd.tries if not one.order_id and not one.refusal]
    lost, unknown = set(told) - kept, kept - set(told)
    return Claim(
        "Every answered order is there, every order was answered, once",
        "每个已答复的订单都在，每个订单都已答复，且只有一次",
        not lost and not unknown and not silent and len(told) == len(crowd.placed),
        f"{len(told)} told, {len(kept)} kept, {len(lost)} lost, {len(unknown)} nobody was told of,"
        f" {len(crowd.placed) - len(told)} told twice, {len(silent)} buyers without an answer",
    )


def _again(repeated: list[tuple[Try, str]]) -> Claim:
    changed = [one for one, now in repeated if now != one.order_id]
    return Claim(
        "The same request again got the same order",
        "同一请求再次发送得到同一订单",
        not changed,
        f"{len(repeated)} asked again, {len(changed)} were told something else",
    )


async def _money(admin: asyncpg.Connection, crowd: Crowd, pieces: int) -> Claim:
    shop = int(crowd.shop.shop)
    ((came, back),) = await admin.fetch(
        "SELECT coalesce(sum(amount_fen), 0), coalesce(sum(refunded_fen), 0) FROM simulator_payments"
        " WHERE shop_id = $1 AND paid_at IS NOT NULL",
        shop,
    )
    ours = await admin.fetchval(
        "SELECT coalesce(sum(amount_fen), 0) FROM payments WHERE shop_id = $1 AND paid_at IS NOT NULL", shop
    )
    owed = await admin.fetchval(
        "SELECT coalesce(sum(amount_fen), 0) FROM payment_refunds WHERE shop_id = $1 AND state = 'settled'", shop
    )
    return Claim(
        "The provider's money is ours to the fen: paid − sent back = sold × price",
        "与支付渠道分毫不差：实收 − 已退 = 售出 × 单价",
        (int(came), int(back)) == (int(ours), int(owed)) and int(came) - int(back) == pieces * PRICE_FEN,
        f"the provider took {came} and sent back {back}; we know of {ours} and {owed}; sold for {pieces * PRICE_FEN}",
    )


async def _refunds(admin: asyncpg.Connection, crowd: Crowd) -> Claim:
    (row,) = await admin.fetch(
        "SELECT count(*) AS many, count(*) FILTER (WHERE sent_at IS NULL) AS unsent,"
        " coalesce(max(extract(epoch FROM sent_at - owed_at)), 0) AS slowest"
        " FROM payment_refunds WHERE shop_id = $1",
        int(crowd.shop.shop),
    )
    slowest = float(row["slowest"])
    return Claim(
        f"No late payment is unrefunded past {REFUND_LIMIT_S} s",
        f"迟到付款均在 {REFUND_LIMIT_S} 秒内退回",
        not row["unsent"] and slowest <= REFUND_LIMIT_S,
        f"{row['many']} refunds, the slowest sent after {slowest:.1f} s of business time, {row['unsent']} not sent",
    )


async def _quiet(admin: asyncpg.Connection, crowd: Crowd) -> Claim:
    left = await unfinished(admin, int(crowd.shop.shop))
    return Claim("Nothing is left to be done", "没有遗留事项", not left, told(left))


JOBS, NOTICES = "jobs", "notifications not taken"  # which come round by themselves, in their time
_LEFT = {  # by the table that it stands in
    "events": ("events not carried", "relayed_at IS NULL"),
    "orders": (
        "orders past their time",
        "state = 'to_pay' AND expires_at <= $2",
    ),
    "payment_refunds": ("refunds not settled", "state <> 'settled'"),
    "payment_callbacks": ("notifications not processed", "try_at IS NOT NULL"),
    "simulator_notices": (NOTICES, "send_at IS NOT NULL"),
}
_JOBS = "SELECT count(*) FROM jobs.procrastinate_jobs WHERE status IN ('todo', 'doing')"


async def unfinished(admin: asyncpg.Connection, shop: int) -> dict[str, int]:
    """What the product still has to do, and how much of it."""
    tables = {row["tablename"] for row in await admin.fetch("SELECT tablename FROM pg_tables")}
    moved = await admin.fetchval("SELECT seconds FROM clock_offset") or 0
    now = wall_now() + timedelta(seconds=moved)
    left = {}
    for table, (what, is_left) in _LEFT.items():
        if table in tables:
            counted = f"SELECT count(*) FROM {table} WHERE shop_id = $1 AND {is_left}"  # noqa: S608 - constants
            left[what] = int(await admin.fetchval(counted, *((shop, now) if "$2" in is_left else (shop,))))
    return {what: many for what, many in {**left, JOBS: int(await admin.fetchval(_JOBS))}.items() if many}


def told(left: dict[str, int]) -> str:
    """That in words."""
    return ", ".join(f"{many} {what}" for what, many in left.items()) or "nothing"
