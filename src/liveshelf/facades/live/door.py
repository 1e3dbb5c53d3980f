"""Who may open a stream: right ticket, own pages only, and not too many at once."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from liveshelf.facades.live.gateway import Gateway
from liveshelf.kernel.errors import Busy, Denied
from liveshelf.kernel.ids import INT63_MAX, RoomId, ShopId
from liveshelf.platform.settings import Settings
from liveshelf.platform.signing import Keys
from liveshelf.rooms import tickets
from liveshelf.rooms.errors import TicketRefused
from liveshelf.rooms.tickets import Ticket

Scope = MutableMapping[str, Any]

PER_VIEWER_MAX = 8  # pages of one person in one shop
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_DEFAULT_PORTS = {"http": 80, "https": 443}


class ForeignOrigin(Denied):
    """A page of another site tried to open a stream."""

    code = "request.foreign_origin"
    title = "This came from another site."


class TooManyStreams(Busy):
    """The address or the viewer holds as many streams as it may."""

    code = "rooms.too_many_streams"
    status = 429
    title = "Too many open pages."


class Door:
    """Checks a connection before anything is opened for it."""

    def __init__(self, settings: Settings, keys: Keys, gateway: Gateway) -> None:
        self._keys = keys
        self._gateway = gateway
        self._per_address = settings.streams_per_address
        self._trusted = frozenset(part.strip() for part in settings.trusted_proxies.split(",") if part.strip())
        self._own = frozenset({_origin(settings.public_url), _origin(settings.public_gateway_url)})
        self._ports = frozenset({settings.port, settings.gateway_port_used})

    def address(self, scope: Scope) -> str:
        """The client's address; behind a trusted proxy, the one that the proxy names."""
        address: str = scope["client"][0] if scope.get("client") else ""
        forwarded = _last_header(scope, b"x-forwarded-for") if address in self._trusted else ""
        # The nearest proxy appends; what stands before it is the client's own word.
        return forwarded.rsplit(",", 1)[-1].strip() or address

    def origin(self, scope: Scope) -> str:
        """The page's origin when it is ours, empty when none is told (no browser). Raises `ForeignOrigin`."""
        origin = header(scope, b"origin")
        if origin and not self._is_own(origin, header(scope, b"host")):
            raise ForeignOrigin
        return origin

    def ticket(self, scope: Scope, shop: ShopId, room_id: RoomId) -> Ticket:
        """The connection's ticket. Raises `TicketRefused`, `TooManyStreams`."""
        text = parse_qs(scope["query_string"].decode("latin-1")).get("ticket", [""])[0]
        ticket = tickets.read(self._keys, text, shop=shop, room_id=room_id)
        if self._gateway.is_shut_out(ticket.viewer):
            raise TicketRefused
        if (
            self._gateway.connections(self.address(scope)) >= self._per_address
            or self._gateway.pages(shop, ticket.viewer) >= PER_VIEWER_MAX
        ):
            raise TooManyStreams(retry_after_s=10)
        return ticket

    def _is_own(self, origin: str, host: str) -> bool:
        page, here = _origin(origin), _origin(f"//{host}")
        if page in self._own:
            return True
        # The address that the browser itself used for us, on one of our two ports or through one proxy. A machine's own
        # names for itself are one.
        same_name = page[0] == here[0] or (page[0] in _LOOPBACK and here[0] in _LOOPBACK)
        return same_name and (page[1] in self._ports or page[1] == here[1])


def since(scope: Scope) -> int | None:
    """The number that the page saw last: from its address, or from the browser's own reconnect, whichever is later."""
    texts = [*parse_qs(scope["query_string"].decode("latin-1")).get("since", []), header(scope, b"last-event-id")]
    numbers = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < len(str(INT63_MAX))]
    return max(numbers, default=None)


def header(scope: Scope, name: bytes) -> str:
    """A request header's value, or an empty text."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def _last_header(scope: Scope, name: bytes) -> str:
    # A proxy may add a line of its own instead of writing at the end of the client's.
    return next((value.decode("latin-1") for key, value in reversed(scope["headers"]) if key == name), "")


def _origin(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").lower(), parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        return "", -1
