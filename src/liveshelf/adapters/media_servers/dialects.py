"""What SRS, nginx-rtmp and MediaMTX say when a sender comes or goes, read into one form.

Each asks before it takes a sender and drops it on a refusal. SRS sends JSON (`on_publish`, `on_unpublish`) and wants
`{"code": 0}` back; nginx-rtmp sends a form (`publish`, `update_publish`, `publish_done`); MediaMTX asks its
authentication address with JSON (`publish`), and is told to call us when a path is not ready any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qsl, urlencode

import msgspec

BODY_MAX = 16 << 10


class CallbackUnreadableError(ValueError):
    """A callback that the dialect does not know."""


class Happens(StrEnum):
    """What a media server tells."""

    BEGINS = "begins"  # a sender came, and may be refused
    GOES_ON = "goes_on"  # it is still there, and may be dropped
    ENDS = "ends"
    NOTHING = "nothing"  # of ours


@dataclass(frozen=True, slots=True)
class Told:
    """One callback: what happens to which stream, and the parameters that came with its name."""

    what: Happens
    name: str = ""
    query: str = ""


class _Srs(msgspec.Struct):
    action: str
    app: str = ""
    stream: str = ""
    param: str = ""


class _MediaMtx(msgspec.Struct):
    action: str
    path: str = ""
    query: str = ""


_SRS = {"on_publish": Happens.BEGINS, "on_unpublish": Happens.ENDS}
_NGINX = {"publish": Happens.BEGINS, "update_publish": Happens.GOES_ON, "publish_done": Happens.ENDS}
_MEDIAMTX = {"publish": Happens.BEGINS, "unpublish": Happens.ENDS}


def read(dialect: str, body: bytes) -> Told:
    """A callback of a dialect. Raises `CallbackUnreadableError`."""
    try:
        match dialect:
            case "srs":
                srs = msgspec.json.decode(body, type=_Srs)
                return Told(_SRS.get(srs.action, Happens.NOTHING), srs.stream, srs.param.lstrip("?"))
            case "mediamtx":
                mtx = msgspec.json.decode(body, type=_MediaMtx)
                return Told(_MEDIAMTX.get(mtx.action, Happens.NOTHING), mtx.path.rpartition("/")[2], mtx.query)
            case "nginx-rtmp":
                return _of_form(dict(parse_qsl(body.decode())))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise CallbackUnreadableError(dialect) from error
    raise CallbackUnreadableError(dialect)


def _of_form(form: Mapping[str, str]) -> Told:
    # The parameters of the stream's name stand among the callback's own.
    query = urlencode({key: form[key] for key in ("txSecret", "txTime") if key in form})
    return Told(_NGINX.get(form.get("call", ""), Happens.NOTHING), form.get("name", ""), query)
