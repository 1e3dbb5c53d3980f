"""What `create` and `edit` share: a plan judged by every rule and turned into the row's columns."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from liveshelf.compliance import queries as compliance
from liveshelf.compliance.rules import is_flagged, name_findings
from liveshelf.compliance.types import certain
from liveshelf.kernel.ids import MediaId
from liveshelf.media import queries as media
from liveshelf.media import service as media_service
from liveshelf.platform.db import Tx
from liveshelf.qualifications import live
from liveshelf.rooms import members, rules
from liveshelf.rooms.errors import (
    AnchorNameRefused,
    CoverRefused,
    FeedsRefused,
    RoomNameRefused,
    ShareRefused,
)
from liveshelf.rooms.people_errors import AnchorUnverified, SubAnchorUnverified
from liveshelf.rooms.types import PICTURE_MAX, Picture, Room, RoomAudit, RoomChanges, RoomDraft, RoomState, Switches
from liveshelf.shops import service as shops

_REFUSALS = {Picture.COVER: CoverRefused, Picture.SHARE: ShareRefused, Picture.FEEDS: FeedsRefused}
_SWITCHES = tuple(Switches.__dataclass_fields__)


async def columns_of_draft(tx: Tx, draft: RoomDraft, lead: timedelta) -> dict[str, Any]:
    """The columns of a new room. Raises what `service.create` raises."""
    await live.must_be_granted(tx)
    await shops.writable(tx)
    await _check_names(tx, draft.name, draft.anchor_name)
    rules.check_wechat_ids(draft.anchor_wechat, draft.sub_anchor_wechat, draft.creator_wechat)
    await _check_people(tx, draft.anchor_wechat, draft.sub_anchor_wechat)
    rules.check_start(draft.starts_at, now=tx.now, lead=lead)
    rules.check_length(draft.starts_at, draft.ends_at)
    pictures = {
        Picture.COVER: draft.cover_media_id,
        Picture.SHARE: draft.share_media_id,
        Picture.FEEDS: draft.feeds_media_id,
    }
    return {
        "name": draft.name.strip(),
        "state": RoomState.SCHEDULED,
        "seq": 0,
        "starts_at": draft.starts_at,
        "ends_at": draft.ends_at,
        "anchor_name": draft.anchor_name.strip(),
        "anchor_wechat": draft.anchor_wechat,
        "sub_anchor_wechat": draft.sub_anchor_wechat,
        "creator_wechat": draft.creator_wechat,
        "live_type": draft.live_type,
        "has_picture": False,
        "is_paused_by_picture": False,
        "likes": 0,
        "notice": "",
        "created_at": tx.now,
        "is_ad": draft.is_ad,
        "audit_state": RoomAudit.IN_AUDIT,
        **_switch_columns(draft.switches),
        **{f"{kind}_media_id": await _kept(tx, kind, media_id) for kind, media_id in pictures.items() if media_id},
    }


async def columns_of_changes(tx: Tx, room: Room, changes: RoomChanges, lead: timedelta) -> dict[str, Any]:
    """The columns that an edit changes. Raises what `service.edit` raises."""
    await shops.writable(tx)
    columns: dict[str, Any] = {}
    await _check_names(tx, changes.name, changes.anchor_name)
    if changes.name is not None:
        columns["name"] = changes.name.strip()
    if changes.anchor_name is not None:
        columns["anchor_name"] = changes.anchor_name.strip()
    if changes.anchor_wechat is not None:
        rules.check_wechat_ids(changes.anchor_wechat)
        await _check_people(tx, changes.anchor_wechat)
        columns["anchor_wechat"] = changes.anchor_wechat
    starts_at, ends_at = changes.starts_at or room.starts_at, changes.ends_at or room.ends_at
    if starts_at != room.starts_at:
        rules.check_start(starts_at, now=tx.now, lead=lead)
    if (starts_at, ends_at) != (room.starts_at, room.ends_at):
        rules.check_length(starts_at, ends_at)
        columns |= {"starts_at": starts_at, "ends_at": ends_at}
    pictures = {
        Picture.COVER: changes.cover_media_id,
        Picture.SHARE: changes.share_media_id,
        Picture.FEEDS: changes.feeds_media_id,
    }
    columns |= {f"{kind}_media_id": await _kept(tx, kind, media_id) for kind, media_id in pictures.items() if media_id}
    if changes.is_ad is not None:
        columns["is_ad"] = changes.is_ad
    if changes.switches is not None:
        columns |= _switch_columns(changes.switches)
    return columns


async def _check_names(tx: Tx, name: str | None, anchor_name: str | None) -> None:
    lexicon = await compliance.lexicon(tx)
    if name is not None:
        rules.check_name(name)
        if (found := certain(name_findings(name, lexicon=lexicon))) is not None:
            raise RoomNameRefused(field="name", text=found.text)
    if anchor_name is not None:
        rules.check_anchor_name(anchor_name)
        if (found := certain(name_findings(anchor_name, lexicon=lexicon))) is not None:
            raise AnchorNameRefused(field="anchor_name", text=found.text)


async def _check_people(tx: Tx, anchor: str, sub_anchor: str = "") -> None:
    if await members.unverified(tx, anchor):
        raise AnchorUnverified(field="anchor_wechat", wechat_id=anchor)
    if await members.unverified(tx, sub_anchor):
        raise SubAnchorUnverified(field="sub_anchor_wechat")


def _switch_columns(switches: Switches) -> dict[str, bool]:
    return {name: getattr(switches, name) for name in _SWITCHES}


async def _kept(tx: Tx, kind: Picture, media_id: str) -> MediaId:
    """The permanent copy of a picture that is small enough, and not one of the flagged ones."""
    found = await media.media(tx, media_id)
    if found is None or found.bytes > PICTURE_MAX[kind]:
        raise _REFUSALS[kind](field=f"{kind}_media_id", bytes_max=PICTURE_MAX[kind])
    if is_flagged(found.fingerprint):
        raise _REFUSALS[kind]("This picture may not be shown.", field=f"{kind}_media_id")
    return (await media_service.make_permanent(tx, media_id)).media_id
