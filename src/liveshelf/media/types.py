"""Values of the media capability."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from liveshelf.kernel.ids import MediaId, ShopId

_MEDIA_ID = re.compile(r"([0-7]?[0-9a-f]{1,15})-[A-Za-z0-9_-]{32}")  # the shop in hexadecimal, then 24 random bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as we encoded it: no metadata, upright. `fingerprint` is its 64-bit perceptual hash (difference
    hash).
    """

    data: bytes
    content_type: str
    width: int
    height: int
    fingerprint: int


@dataclass(frozen=True, slots=True)
class Media:
    """One file's row. `bytes` is its size; permanent media has no `expires_at`; the content is in the storage under
    `sha256`.
    """

    media_id: MediaId
    kind: str
    content_type: str
    width: int
    height: int
    bytes: int
    sha256: str
    fingerprint: int
    created_at: datetime
    expires_at: datetime | None


def media_path(media_id: str) -> str:
    """The public path of a media file, to be put behind the installation's address."""
    return f"/media/{media_id}"


def shop_of(media_id: str) -> ShopId | None:
    """The shop that a media id names in its value, or `None` when the text can't be a media id of ours."""
    match = _MEDIA_ID.fullmatch(media_id)
    return ShopId(int(match.group(1), 16)) if match else None
