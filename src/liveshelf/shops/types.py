"""Values of the shops capability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from liveshelf.kernel.ids import ShopId

SUBMISSIONS = "submissions"
"""The pool that adding and resubmitting goods share (300012); every other quota counts calls (45009)."""

QUOTAS: Mapping[str, int] = MappingProxyType(
    {
        SUBMISSIONS: 500,
        "token": 2_000,
        "stable_token": 500_000,
        "media.upload": 100_000,
        "media.get": 200_000,
        "goods.resetaudit": 500,
        "goods.delete": 1_000,
        "goods.update": 1_000,
        "goods.getgoodswarehouse": 1_000,
        "goods.getapproved": 10_000,
        "goods.setkey": 500,
        "goods.getkey": 500,
        "goods.onsale": 10_000,
        "goods.deleteInRoom": 10_000,
        "goods.push": 10_000,
        "goods.sort": 10_000,
        "room.create": 10_000,
        "room.getliveinfo": 100_000,
        "room.deleteroom": 10_000,
        "room.editroom": 10_000,
        "room.getsharedcode": 10_000,
        "room.addgoods": 10_000,
        "room.getpushurl": 10_000,
        "goods.getVideo": 10_000,
        "room.updatefeedpublic": 10_000,
        "room.updatereplay": 10_000,
        "room.updatekf": 10_000,
        "room.updatecomment": 10_000,
        "room.addassistant": 10_000,
        "room.modifyassistant": 10_000,
        "room.removeassistant": 10_000,
        "room.getassistantlist": 10_000,
        "room.addsubanchor": 10_000,
        "room.modifysubanchor": 10_000,
        "room.deletesubanchor": 10_000,
        "room.getsubanchor": 10_000,
        "role.addrole": 10_000,
        "role.deleterole": 10_000,
        "role.getrolelist": 10_000,
        "get_wxa_followers": 5_000,
        "push_message": 5_000,
    }
)
"""Every quota and how much of it a shop has a day unless `quota_limits` says otherwise. Named after the wire's calls.
"""

CLEARS_PER_MONTH = 10  # how often a shop may set its call quotas back
LARGE_QUOTA = 1_000  # above it a process takes shares ahead of need; up to it every call is counted when it is made
CALLS_KEPT = timedelta(days=7)  # logged calls, in wall time
PAGES_MAX = 1_000  # page paths that one app.json may name
WIDGET_KEY_MAX = 20  # parameter names in a widget key


@dataclass(frozen=True, slots=True)
class Shop:
    """A tenant. `pages` empty means that any well-formed path is a page. It sells once it is open (`policy`)."""

    shop_id: ShopId
    name: str
    sandbox: bool
    pages: tuple[str, ...]
    widget_key: tuple[str, ...] | None
    wire_stock: int
    blocked_at: datetime | None
    created_at: datetime
    opened_at: datetime | None = None
    opened_under_waiver: bool = False


@dataclass(frozen=True, slots=True)
class Credential:
    """What a shop's software signs in with. The secret itself is shown once and kept as a hash."""

    appid: str
    shop_id: ShopId
    original_id: str
    secret_hint: str
    created_at: datetime
    previous_until: datetime | None = None  # until when the secret before is good too
    addresses: tuple[str, ...] = ()  # networks from which it may sign in; none means any
    used_at: datetime | None = None
    used_from: str | None = None


class TokenKind(StrEnum):
    """The two kinds of access token; each lives beside the other."""

    PLAIN = "plain"
    STABLE = "stable"


@dataclass(frozen=True, slots=True)
class TokenState:
    """Which generation of a token is the present one. The token before it is good until `previous_until`."""

    appid: str
    kind: TokenKind
    shop_id: ShopId
    generation: int
    issued_at: datetime
    expires_at: datetime
    previous_until: datetime
    forced_count: int
    forced_at: datetime | None


@dataclass(frozen=True, slots=True)
class Issued:
    """An access token and for how many seconds from now it is good."""

    token: str
    expires_in_s: int


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who a good access token speaks for."""

    appid: str
    shop_id: ShopId


@dataclass(frozen=True, slots=True)
class QuotaState:
    """One quota's day: what it allows and what of it is given out."""

    key: str
    limit: int
    used: int


class FaultKind(StrEnum):
    """What a fault does to a call: answers a code instead, answers late, or does the work and loses the answer."""

    ERRCODE = "errcode"
    DELAY = "delay"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class FaultDraft:
    """A fault to set up. `api` is a call's name ("goods.add") or "*"; exactly one of `remaining` and `until` is
    given.
    """

    api: str
    kind: FaultKind
    errcode: int | None = None
    delay_ms: int | None = None
    remaining: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that waits for calls of one credential."""

    fault_id: int
    appid: str
    api: str
    kind: FaultKind
    errcode: int | None
    delay_ms: int | None
    remaining: int | None
    until: datetime | None

    def meets(self, appid: str, api: str) -> bool:
        """Whether a call is one that this fault was set up for."""
        return self.appid == appid and self.api in {"*", api}


@dataclass(frozen=True, slots=True)
class WireCall:
    """One call as it is logged: masked and cut before it comes here."""

    call_id: int
    rid: str
    appid: str
    api: str
    method: str
    path: str
    errcode: int
    ms: int
    request: str
    response: str
    at: datetime
