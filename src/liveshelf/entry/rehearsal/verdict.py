"""What the figures mean: each check judged by itself, from what was counted and measured and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from liveshelf.rehearsals.types import (
    BACK_LIMIT_MS,
    CARD_LIMIT_MS,
    Area,
    Check,
    Code,
    EndedBy,
    Outcome,
    Reason,
)

PICTURE_KBPS = 4_000  # of a picture that nobody has sent yet: 1080p as WeChat's guide sets it
UPLINK_PERCENT = 80  # of a line's width; what is more stands in queues
_KBPS_MB_PER_HOUR = 3600 / 8 / 1000  # megabytes that one kilobit a second makes in an hour


def percentile(values: Sequence[int], percent: int) -> int:
    """So many percent of the values are not above it; 0 of none."""
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)] if values else 0


def watching(viewers: int, *, opened: int, wrong: int) -> Check:
    """Every page opened, and shows what a fresh one shows."""
    held = opened >= viewers and not wrong
    return _check(Area.CROWD, Code.WATCHING, held, viewers=viewers, opened=opened, wrong=wrong)


def cards(pushes: int, took_ms: Sequence[int], *, missed: int, doubled: int, limit_ms: int = CARD_LIMIT_MS) -> Check:
    """Every pushed card was on every page once, and on 99 of 100 within the limit."""
    if not pushes:
        return not_tried(Area.CROWD, Code.CARDS, Reason.NO_GOODS)
    p50, p99 = percentile(took_ms, 50), percentile(took_ms, 99)
    held = p99 <= limit_ms and not missed and not doubled
    facts = {"pushes": pushes, "p50_ms": p50, "p99_ms": p99, "limit_ms": limit_ms, "missed": missed, "doubled": doubled}
    return _check(Area.CROWD, Code.CARDS, held, **facts)


def comments(said: int, *, shown: int, took_ms: Sequence[int], limit_ms: int = CARD_LIMIT_MS) -> Check:
    """What was said was on every page, in time."""
    p99 = percentile(took_ms, 99)
    held = shown >= said and p99 <= limit_ms
    return _check(Area.CROWD, Code.COMMENTS, held, said=said, shown=shown, p99_ms=p99, limit_ms=limit_ms)


def claims(
    said: int,
    *,
    won: int,
    waiting: int,
    asked_back: int,
    refused: int,
    wrong: int,
    clear: int,
    pieces: int,
    p99_ms: int,
) -> Check:
    """Every claim was answered: the first of the clear ones have an order, the others wait or are asked back."""
    if not pieces:
        return not_tried(Area.CROWD, Code.CLAIMS, Reason.NO_GOODS)
    answered = won + waiting + asked_back + refused
    held = not wrong and answered == said and won <= pieces and (won > 0 or not clear)
    facts = {"said": said, "won": won, "waiting": waiting, "asked_back": asked_back, "pieces": pieces, "p99_ms": p99_ms}
    return _check(Area.CROWD, Code.CLAIMS, held, **facts)


def paying(tries: int, *, ordered: int, paid: int, too_late: int, took_ms: Sequence[int]) -> Check:
    """Whoever ordered could pay, and whoever got nothing was told that they were too late."""
    if not tries:
        return not_tried(Area.CROWD, Code.PAYING, Reason.NO_GOODS)
    held = 0 < ordered == paid and ordered + too_late == tries
    facts = {"ordered": ordered, "paid": paid, "too_late": too_late, "p99_ms": percentile(took_ms, 99)}
    return _check(Area.CROWD, Code.PAYING, held, **facts)


def sold(pieces: int, *, sold: int, short: int, books_wrong: int) -> Check:
    """Nothing was sold that was not there, and the books of the stock agree."""
    held = sold <= pieces and not short and not books_wrong
    return _check(Area.CROWD, Code.SOLD, held, pieces=pieces, sold=sold, short=short, books_wrong=books_wrong)


def back(code: Code, ms: int, *, limit_ms: int = BACK_LIMIT_MS, **facts: int) -> Check:
    """After something died, all pages were right again in time."""
    return _check(Area.FAULTS, code, ms <= limit_ms, **facts, back_ms=ms, limit_ms=limit_ms)


def notices(sent: int, *, lost: int, settled: int) -> Check:
    """Every payment was known in the end, whether or not its notification came."""
    if not sent:
        return not_tried(Area.FAULTS, Code.NOTICES, Reason.NO_GOODS)
    return _check(Area.FAULTS, Code.NOTICES, settled == sent, sent=sent, lost=lost, settled=settled)


def machine(
    expected: int,
    *,
    held: int,
    p99_ms: int,
    limit_ms: int = CARD_LIMIT_MS,
    orders_per_s: int,
    comments_per_s: int,
    ended_by: EndedBy,
) -> Check:
    """As many watched as are expected, and each card was with them in time."""
    facts = {"expected": expected, "held": held, "p99_ms": p99_ms, "limit_ms": limit_ms}
    rates = {"orders_per_s": orders_per_s, "comments_per_s": comments_per_s, "ended_by": ended_by.value}
    return _check(Area.CAPACITY, Code.MACHINE, held >= expected, **facts, **rates)


def uplink(expected: int, *, uplink_kbps: int | None, picture_kbps: int | None, page_kbps: int) -> Check:
    """The line out carries the picture and the page of everybody. `picture_kbps` is 0 where pictures go another way,
    and `None` where nobody sends one.
    """
    if uplink_kbps is None:
        return not_tried(Area.CAPACITY, Code.UPLINK, Reason.NOT_TOLD)
    if picture_kbps is None:
        return not_tried(Area.CAPACITY, Code.UPLINK, Reason.NO_PICTURE)
    held = uplink_kbps * UPLINK_PERCENT // 100 // max(1, picture_kbps + page_kbps)
    facts = {"uplink_kbps": uplink_kbps, "picture_kbps": picture_kbps, "page_kbps": page_kbps}
    return _check(Area.CAPACITY, Code.UPLINK, held >= expected, expected=expected, held=held, **facts)


def disk(hours: int, *, picture_kbps: int | None, free_mb: int) -> Check:
    """The recording of the planned hours has room. `picture_kbps` is `None` where nobody sends a picture yet."""
    needed = -int(-hours * (picture_kbps or PICTURE_KBPS) * _KBPS_MB_PER_HOUR // 1)
    return _check(Area.CAPACITY, Code.DISK, needed <= free_mb, hours=hours, free_mb=max(0, free_mb), needed_mb=needed)


def not_tried(area: Area, code: Code, reason: Reason) -> Check:
    """It can't be tried here."""
    return Check(area, code, Outcome.NOT_TRIED, {"reason": reason.value})


def _check(area: Area, code: Code, is_right: bool, **facts: int | str) -> Check:  # noqa: FBT001 - what it is about
    return Check(area, code, Outcome.GO if is_right else Outcome.NO_GO, facts)
