"""Push keys and watch links: what is signed, and when it ends.

A push key is in nobody's store. It is made of the room, its end and the number of the key (a new key raises it), so the
same address comes out however often somebody asks, and asking writes nothing.
"""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import msgspec

from liveshelf.kernel.ids import INT32_MAX, RoomId, ShopId
from liveshelf.platform.clock import wall_now
from liveshelf.platform.settings import Settings
from liveshelf.platform.signing import Keys, SealBrokenError
from liveshelf.video.errors import PushKeyExpired, PushKeyRefused, WatchLinkRefused
from liveshelf.video.types import PushAddress, Shown

APP = "live"  # the first part of a push address's path
TEXT_MAX = 512  # characters of a key that are looked at
WATCH_LIFE = timedelta(hours=12)
REVIEW_LIFE = timedelta(hours=2)
_PUSH, _WATCH = "video-push", "video-watch"
_NAME = re.compile(r"([1-9][0-9]{0,9})-([1-9][0-9]{0,9})")
_TIME = re.compile(r"[0-9A-Fa-f]{1,10}")
_SECRET_BYTES = 16  # of 32: a push address must fit the fields of encoders


class Pass(msgspec.Struct, frozen=True):
    """What a watch link says; `exp` is unix seconds of wall time. One with a `recording` shows what of that would be
    public and nothing else, and says whom it was made for. One of a person is good as long as their `session`; software
    has none.
    """

    shop: int
    room: int
    exp: int
    recording: str = ""
    by: str = ""
    session: int = 0


def push_address(
    keys: Keys, settings: Settings, *, shop: ShopId, room_id: RoomId, generation: int, expires_at: datetime
) -> PushAddress:
    """The room's push address."""
    time = f"{int(expires_at.timestamp()):X}"
    secret = _secret(keys, shop, room_id, generation=generation, time=time)
    server = f"{settings.public_rtmp_url}/{APP}"
    return PushAddress(server, f"{shop}-{room_id}?txSecret={secret}&txTime={time}", expires_at)


def shown(name: str, query: str = "") -> Shown:
    """What a sender's text says, true or not. `query` counts when the name has none. Raises `PushKeyRefused`."""
    stem, _, beside = name.partition("?")
    found = _NAME.fullmatch(stem)
    said = parse_qs((beside or query)[:TEXT_MAX])
    secret, time = said.get("txSecret", [""])[0], said.get("txTime", [""])[0]
    if found is None or not _TIME.fullmatch(time) or max(int(found[1]), int(found[2])) > INT32_MAX:
        raise PushKeyRefused
    return Shown(ShopId(int(found[1])), RoomId(int(found[2])), secret, datetime.fromtimestamp(int(time, 16), UTC))


def check(keys: Keys, said: Shown, *, generation: int, now: datetime) -> None:
    """Whether the key opens its room at this instant. Raises `PushKeyRefused`, `PushKeyExpired`."""
    time = f"{int(said.expires_at.timestamp()):X}"
    true = _secret(keys, said.shop, said.room_id, generation=generation, time=time)
    if not hmac.compare_digest(true.encode(), said.secret.lower().encode()):
        raise PushKeyRefused
    if said.expires_at <= now:
        raise PushKeyExpired


def watch_pass(keys: Keys, *, shop: ShopId, room_id: RoomId, session_id: int = 0) -> str:
    """A link's part that shows a room's picture, public or not, to whoever holds it: while the session of whom it was
    made for lasts, when they have one.
    """
    exp = int((wall_now() + WATCH_LIFE).timestamp())
    return keys.sign(_WATCH, msgspec.json.encode(Pass(shop, room_id, exp, session=session_id)))


def review_pass(keys: Keys, *, shop: ShopId, room_id: RoomId, recording: str, by: str, session_id: int) -> str:
    """A link's part that shows a reviewer what would become public of a recording, while their session lasts."""
    exp = int((wall_now() + REVIEW_LIFE).timestamp())
    return keys.sign(_WATCH, msgspec.json.encode(Pass(shop, room_id, exp, recording, by, session_id)))


def check_pass(keys: Keys, text: str, *, shop: ShopId, room_id: RoomId) -> Pass:
    """What a link's part shows, when that is this room and now. Raises `WatchLinkRefused`."""
    try:
        said = msgspec.json.decode(keys.verify(_WATCH, text), type=Pass)
    except (SealBrokenError, msgspec.MsgspecError, UnicodeEncodeError) as error:
        raise WatchLinkRefused from error
    if (said.shop, said.room) != (shop, room_id) or said.exp < wall_now().timestamp():
        raise WatchLinkRefused
    return said


def _secret(keys: Keys, shop: ShopId, room_id: RoomId, *, generation: int, time: str) -> str:
    return keys.mac(_PUSH, f"{shop}-{room_id}-{generation}-{time}".encode())[:_SECRET_BYTES].hex()
