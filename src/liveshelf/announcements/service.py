"""Commands: announce, acknowledge."""

from __future__ import annotations

import re

from liveshelf.announcements import _sql, queries
from liveshelf.announcements.errors import AnnouncementInvalid
from liveshelf.announcements.types import AnnouncementKind, Draft
from liveshelf.kernel.ids import AccountId, new_number
from liveshelf.kernel.text import is_plain
from liveshelf.kernel.time import china_day
from liveshelf.platform.db import Tx
from liveshelf.trail.service import record

TITLE_MAX = 80
BODY_MAX = 10_000
_PACK = re.compile(r"[a-z][a-z0-9-]{1,39}")
_ADVISORY_PUBLISHER = 0x6C73_11  # first key of the advisory locks that publishers of a pack take


async def publish(tx: Tx, draft: Draft) -> int:
    """Announce; `tx` is the platform's. The number of the announcement. Rules bind from today at the earliest.

    Raises `AnnouncementInvalid`.
    """
    _check(draft)
    version = 1
    if draft.kind is AnnouncementKind.RULES:
        if draft.effective_on < china_day(tx.now):
            raise AnnouncementInvalid("Rules can't bind from a day that is over.", field="effective_on")
        await tx.execute(_sql.ONE_PUBLISHER, space=_ADVISORY_PUBLISHER, pack=draft.pack)
        version = (await tx.scalar(_sql.LAST_VERSION, pack=draft.pack) or 0) + 1
    announcement_id = new_number()
    await tx.execute(
        _sql.INSERT.values(
            announcement_id=announcement_id,
            kind=draft.kind.value,
            pack=draft.pack,
            version=version,
            title_zh=draft.title_zh.strip(),
            title_en=draft.title_en.strip(),
            body_zh=draft.body_zh.strip(),
            body_en=draft.body_en.strip(),
            effective_on=draft.effective_on,
            must_acknowledge=draft.must_acknowledge,
            published_by=str(tx.actor),
            published_at=tx.now,
        )
    )
    record(tx, "announcements.publish", f"announcement:{announcement_id}", pack=draft.pack, version=version)
    return announcement_id


async def acknowledge(tx: Tx, account_id: AccountId, announcement_id: int) -> None:
    """A person has read it. A second time changes nothing. Raises `AnnouncementMissing`."""
    await queries.announcement(tx, announcement_id)
    await tx.execute(_sql.READ.values(account_id=account_id, announcement_id=announcement_id, at=tx.now))


def _check(draft: Draft) -> None:
    for field, text, most in (
        ("title_zh", draft.title_zh, TITLE_MAX),
        ("title_en", draft.title_en, TITLE_MAX),
        ("body_zh", draft.body_zh, BODY_MAX),
        ("body_en", draft.body_en, BODY_MAX),
    ):
        if not 1 <= len(text.strip()) <= most or not is_plain(text.replace("\n", " ")):
            raise AnnouncementInvalid(f"1 to {most} characters.", field=field)
    if draft.kind is AnnouncementKind.RULES and _PACK.fullmatch(draft.pack) is None:
        raise AnnouncementInvalid("A pack is named by 2 to 40 small letters, digits and hyphens.", field="pack")
    if draft.kind is AnnouncementKind.NOTICE and draft.pack:
        raise AnnouncementInvalid("Only rules belong to a pack.", field="pack")
