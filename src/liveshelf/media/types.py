"""Values of the media capability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from liveshelf.kernel.ids import MediaId, ShopId


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
    """The shop that a media id names in its value, or `None` when it is no media id of ours."""
    shop, dash, _ = media_id.partition("-")
    try:
        number = int(shop, 16)
    except ValueError:
        return None
    return ShopId(number) if dash and 0 <= number < 1 << 63 and shop == f"{number:x}" else None
