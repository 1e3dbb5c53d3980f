"""The live permission: who may broadcast.

Self-run needs a certified enterprise and papers for the categories that it sells live; through a service provider, an
authorisation that is in force; through WeCom, an enterprise that is bound. Without the permission no room is made, and
the refusal says which step is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from liveshelf.platform.db import ReadTx
from liveshelf.qualifications import categories, employees, listing, queries, reach
from liveshelf.qualifications.errors import (
    ApplicationInvalid,
    CategoriesUnmatched,
    LivePermissionMissing,
    RightMissing,
)
from liveshelf.qualifications.rights import Action, Mode, Right, right
from liveshelf.qualifications.types import Application, ApplicationKind, ApplicationState, Subject
from liveshelf.shops import queries as shops
from liveshelf.shops.policy import EVERYTHING, waived

CATEGORIES_MAX: Final = 50
RULE: Final = "live_permission"


def checked_categories(codes: Sequence[int]) -> tuple[int, ...]:
    """The categories to sell live, each once. Raises `CategoryUnknown`, `ApplicationInvalid`."""
    chosen = tuple(dict.fromkeys(codes))
    if len(chosen) > CATEGORIES_MAX:
        raise ApplicationInvalid(f"At most {CATEGORIES_MAX} categories.", field="categories")
    for code in chosen:
        categories.category(code)
    return chosen


async def must_be_granted(tx: ReadTx) -> None:
    """Raises `LivePermissionMissing` unless the shop may broadcast now."""
    if (reason := await missing(tx)) is not None:
        raise LivePermissionMissing(reason=reason)


async def missing(tx: ReadTx) -> str | None:
    """Which step to the live permission is missing: "uncertified", "not_applied", "draft", "submitted", "rejected", or,
    after it was granted, "provider_gone" and "wecom_gone"; `None` when the shop may broadcast.
    """
    if await waived(tx, RULE) or await waived(tx, EVERYTHING):
        return None
    shop = await shops.shop(tx)
    if shop.opened_at is None or shop.opened_under_waiver:
        return "uncertified"
    found = await queries.application(tx, ApplicationKind.LIVE)
    if found is None:
        return "not_applied"
    if found.state is not ApplicationState.APPROVED:
        return found.state.value
    return await _gone(tx, Mode(found.mode))


async def _gone(tx: ReadTx, mode: Mode) -> str | None:
    if mode is Mode.PROVIDER and not await reach.in_force(tx):
        return "provider_gone"
    return "wecom_gone" if mode is Mode.WECOM and not await employees.in_force(tx) else None


async def must_apply(tx: ReadTx, application: Application) -> Subject | None:
    """The subject that applies, if the conditions of its mode are met.

    Raises `LivePermissionMissing` (the shop has not opened), `RightMissing`, `CategoriesUnmatched`,
    `ApplicationInvalid`.
    """
    shop = await shops.shop(tx)
    if shop.opened_at is None:
        raise LivePermissionMissing(reason="uncertified")
    subject = await queries.subject(tx)
    mode = Mode(application.mode)
    if right(subject, mode, Action.GO_LIVE) is Right.NO:
        raise RightMissing(
            action=Action.GO_LIVE.value, mode=mode.value, subject=None if subject is None else subject.value
        )
    if mode is Mode.SELF_RUN:
        await _must_match(tx, application.categories)
    elif mode is Mode.PROVIDER and not await reach.in_force(tx):
        raise ApplicationInvalid("Authorise a service provider first.", field="mode")
    elif mode is Mode.WECOM and not await employees.in_force(tx):
        raise ApplicationInvalid("Bind the enterprise through WeCom first.", field="mode")
    return subject


async def _must_match(tx: ReadTx, codes: Sequence[int]) -> None:
    if not codes:
        raise ApplicationInvalid("Name the categories that you want to sell live.", field="categories")
    lacking: dict[str, None] = {}
    for code in codes:
        for paper in await listing.lacking(tx, code, virtual=False):
            lacking[paper.value] = None
    if lacking:
        raise CategoriesUnmatched(field="categories", missing=list(lacking))
