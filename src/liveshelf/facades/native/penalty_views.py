"""How penalties are shown, to the platform and to the shop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from liveshelf.accounts import queries as accounts
from liveshelf.facades.native.review_views import ShopBrief
from liveshelf.facades.native.shell import instant
from liveshelf.penalties.rules import APPEAL_WITHIN, BY_CODE
from liveshelf.penalties.types import AppealState, Level, Penalty, PenaltyState, Standing
from liveshelf.platform.db import ReadTx
from liveshelf.shops import queries as shops

PenaltyVerb = Literal["reverse", "acknowledge", "appeal"]


class PenaltyView(msgspec.Struct, frozen=True):
    """A penalty with its evidence. `raised_from` is the rule's own level where repetition has raised it; `video_s` is
    the place in the room's broadcast in seconds.
    """

    penalty_id: str
    shop: ShopBrief
    level: Level
    raised_from: Level | None
    rule: str
    rule_zh: str
    rule_en: str
    basis_zh: str
    basis_en: str
    state: PenaltyState
    what: str
    quote: str
    room_id: int | None
    video_s: int | None
    happened_at: str
    imposed_by: str
    imposed_at: str
    ends_at: str | None
    ended_at: str | None
    acknowledged_by: str | None
    acknowledged_at: str | None
    appeal_state: AppealState
    appeal: str | None
    appealed_at: str | None
    appeal_until: str | None
    appeal_audit_id: str | None
    reversed_by: str | None
    reversed_at: str | None
    reversal_reason: str | None
    may: list[PenaltyVerb]


class StandingView(msgspec.Struct, frozen=True):
    """What is in force against a shop. `warnings` counts all that were not reversed."""

    banned: bool
    limited_until: str | None
    warnings_open: int
    warnings: int


def standing_view(standing: Standing) -> StandingView:
    """What is in force, as it is sent."""
    return StandingView(standing.banned, instant(standing.limited_until), standing.warnings_open, standing.warnings)


async def penalty_views(
    tx: ReadTx, penalties: Sequence[Penalty], *, offered: Sequence[PenaltyVerb]
) -> list[PenaltyView]:
    """Penalties of one shop as they are sent; `offered` are the verbs that the asker has the permission for."""
    if not penalties:
        return []
    shop = ShopBrief(penalties[0].shop, (await shops.shop(tx)).name)
    people = [who for one in penalties for who in (one.imposed_by, one.acknowledged_by, one.reversed_by) if who]
    names = await accounts.names(tx, people)
    return [_view(one, shop, names, _possible(one, tx.now, offered)) for one in penalties]


def _possible(one: Penalty, now: datetime, offered: Sequence[PenaltyVerb]) -> list[PenaltyVerb]:
    stands = one.state is not PenaltyState.REVERSED
    possible: dict[PenaltyVerb, bool] = {
        "reverse": stands,
        "acknowledge": stands and one.acknowledged_at is None,
        "appeal": stands and one.appeal_state is AppealState.NONE and one.imposed_at + APPEAL_WITHIN > now,
    }
    return [verb for verb in offered if possible[verb]]


def _view(one: Penalty, shop: ShopBrief, names: dict[str, str], may: list[PenaltyVerb]) -> PenaltyView:
    rule = BY_CODE[one.violation.rule]
    return PenaltyView(
        penalty_id=str(one.penalty_id),
        shop=shop,
        level=one.level,
        raised_from=one.raised_from,
        rule=rule.code,
        rule_zh=rule.zh,
        rule_en=rule.en,
        basis_zh=rule.basis_zh,
        basis_en=rule.basis_en,
        state=one.state,
        what=one.violation.what,
        quote=one.violation.quote,
        room_id=one.violation.room_id,
        video_s=one.violation.video_s,
        happened_at=instant(one.violation.happened_at),
        imposed_by=names.get(one.imposed_by, one.imposed_by),
        imposed_at=instant(one.imposed_at),
        ends_at=instant(one.ends_at),
        ended_at=instant(one.ended_at),
        acknowledged_by=None if one.acknowledged_by is None else names.get(one.acknowledged_by, one.acknowledged_by),
        acknowledged_at=instant(one.acknowledged_at),
        appeal_state=one.appeal_state,
        appeal=one.appeal,
        appealed_at=instant(one.appealed_at),
        appeal_until=instant(one.imposed_at + APPEAL_WITHIN) if "appeal" in may else None,
        appeal_audit_id=None if one.appeal_audit_id is None else str(one.appeal_audit_id),
        reversed_by=None if one.reversed_by is None else names.get(one.reversed_by, one.reversed_by),
        reversed_at=instant(one.reversed_at),
        reversal_reason=one.reversal_reason,
        may=may,
    )
