"""Settings: environment variables named `LIVESHELF_…`, read once at process start. The docs list them from here."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ENV_PREFIX = "LIVESHELF_"
RTMP_PORT = 1935
BUS_SCHEMES = ("valkey", "valkeys", "redis", "rediss")
_DATA_DIR = Path("/var/lib/liveshelf")


def _setting(default: Any, doc: str) -> Any:  # noqa: ANN401 - dataclasses type their fields this way
    return field(default=default, metadata={"doc": doc})


class SettingInvalidError(ValueError):
    """An environment variable can't be read; the message names it and what it takes."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator may set. Every value has a safe default; sizes are bytes and times are seconds unless named."""

    data_dir: Path = _setting(_DATA_DIR, "Folder of the embedded database, media files and keys.")  # noqa: RUF009
    database_url: str = _setting(
        "", "PostgreSQL 15+ to use instead of the embedded one; the role must be able to create roles."
    )
    app_database_url: str = _setting("", "Connection of the `liveshelf_app` role; made by `serve` when empty.")
    bus_url: str = _setting(
        "",
        "Valkey or Redis that carries messages between processes, valkey://[user:password@]host[:port][/number], "
        "valkeys:// for TLS; empty means PostgreSQL. Needs the optional extra `valkey`.",
    )
    host: str = _setting("127.0.0.1", "Address that the HTTP server and the gateway listen on.")
    port: int = _setting(8000, "Port of the HTTP server: both APIs, console and buyer pages.")
    gateway_port: int = _setting(0, "Port of the live gateway; 0 means the HTTP port plus one.")
    base_url: str = _setting("", "Public address of the HTTP server; empty means http://host:port.")
    gateway_url: str = _setting("", "Public address of the gateway; empty means http://host:gateway_port.")
    notify_url: str = _setting(
        "", "Public address at which payment providers' notifications arrive; empty means the base URL."
    )
    http_workers: int = _setting(1, "Processes of the HTTP server.")
    pool_size: int = _setting(10, "Database connections a process may hold.")
    demo: bool = _setting(False, "Demo shop with demo accounts and demo buyers.")
    simulated_payment: bool = _setting(False, "Payments go to the simulator instead of a payment provider.")
    development_review: bool = _setting(
        False, "Goods pass review by machine alone. Verdicts are marked and void once this is off."
    )
    movable_clock: bool = _setting(False, "Business time can be moved forward by `liveshelf clock advance`.")
    require_second_factor: bool = _setting(
        False, "Owners, admins and the platform's people can do nothing before they turn on the second factor."
    )
    wire_strict: bool = _setting(
        False, "Imitate WeChat's refusal (200002) of JSON that is not sent as application/json."
    )
    secret_key: str = _setting("", "Master key, 64 hex digits; empty means the file `keys/master` in the data folder.")
    outbound_allow: str = _setting(
        "", "Comma-separated host:port pairs that outbound calls may reach although they are private or loopback."
    )
    trusted_proxies: str = _setting(
        "", "Comma-separated addresses of reverse proxies whose X-Forwarded-For is believed."
    )
    streams_per_address: int = _setting(
        3000, "Live streams that one address may hold at a gateway: many phones share a carrier's address."
    )
    video: bool = _setting(True, "Take moving pictures over RTMP, where ffmpeg is found.")
    ffmpeg: str = _setting("", "The program that cuts pictures; empty means the PATH, then the optional extra `video`.")
    rtmp_port: int = _setting(0, "Port that pictures are sent to; 0 means 1935, or the next free one under `serve`.")
    rtmp_url: str = _setting("", "Public address that pictures are sent to; empty means rtmp://host:rtmp_port.")
    playback_url: str = _setting(
        "", "Public address that viewers' players read from, such as a CDN in front of `/video/`; empty means our own."
    )
    media_server_secret: str = _setting(
        "", "Secret in the callback address of an outside media server; empty means that there is none."
    )
    outside_playback: str = _setting(
        "", "Playlist of an outside media server, with {shop} and {room} in it; empty means that pictures come to us."
    )
    video_bytes: int = _setting(100 << 30, "Bytes that recordings may take; above it the oldest go whose time is over.")
    video_free_bytes: int = _setting(2 << 30, "Bytes that stay free on the disk: below, nothing is recorded any more.")
    video_days: int = _setting(1095, "Days that a recording is kept at least. The law in China asks for three years.")
    frame_every_s: int = _setting(10, "Seconds between two frames of a live picture that are looked at; 0 means none.")
    rehearsal_viewers_max: int = _setting(
        1000, "Simulated viewers that the rehearsal of a room may have at most; 0 means that there are no rehearsals."
    )
    hold_s: int = _setting(900, "How long an unpaid order holds its stock, in business time.")
    hold_hot_s: int = _setting(
        180, "How short that becomes for a SKU almost all of which is held unpaid; above half of it, evenly less."
    )
    hot_unpaid_max: int = _setting(3, "Unpaid orders that a buyer may have of such a SKU at the same time.")
    claim_unpaid_max: int = _setting(3, "Claims by comment that a buyer may have unpaid or waiting at the same time.")
    claim_lapses_max: int = _setting(
        3, "After so many claims that ran out unpaid within 24 hours a buyer may claim no more until a day has passed."
    )
    log_level: str = _setting("info", "debug, info, warning or error.")

    @property
    def gateway_port_used(self) -> int:
        """The gateway's port after its default."""
        return self.gateway_port or self.port + 1

    @property
    def public_url(self) -> str:
        """Address under which people reach the HTTP server, without a trailing slash."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def local_url(self) -> str:
        """Address under which this machine reaches its own HTTP server, whatever stands in front of it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
        return f"http://{host}:{self.port}"

    @property
    def notify_base_url(self) -> str:
        """Address at which providers reach us, without a trailing slash. The simulator is on this very machine."""
        usual = self.local_url if self.simulated_payment else self.public_url
        return (self.notify_url or usual).rstrip("/")

    @property
    def public_gateway_url(self) -> str:
        """Address under which pages reach the gateway, without a trailing slash."""
        return (self.gateway_url or f"http://{self.host}:{self.gateway_port_used}").rstrip("/")

    @property
    def rtmp_port_used(self) -> int:
        """The port of pictures after its default."""
        return self.rtmp_port or RTMP_PORT

    @property
    def public_rtmp_url(self) -> str:
        """Address that pictures are sent to, without a trailing slash."""
        return (self.rtmp_url or f"rtmp://{self.host}:{self.rtmp_port_used}").rstrip("/")

    @property
    def public_playback_url(self) -> str:
        """Address that players read from, without a trailing slash; empty for that of the page itself."""
        return self.playback_url.rstrip("/")

    def live_playlist(self, shop: int, room: int) -> str:
        """Where players find the live picture of a room."""
        if self.outside_playback:
            return self.outside_playback.replace("{shop}", str(shop)).replace("{room}", str(room))
        return f"{self.public_playback_url}/video/{shop}/{room}/live.m3u8"

    @property
    def playback_origins(self) -> str:
        """Other hosts than ours that players read from, as a page's policy names them."""
        parts = [urlsplit(url) for url in (self.playback_url, self.outside_playback) if url]
        return " ".join(f"{one.scheme}://{one.netloc}" for one in parts)

    def environment(self) -> dict[str, str]:
        """The variables that make a child process read exactly these settings."""
        return {ENV_PREFIX + f.name.upper(): _written(getattr(self, f.name)) for f in fields(self)}


def read_settings(environ: Mapping[str, str] = os.environ, **overrides: object) -> Settings:
    """Settings from the environment; `overrides` (from the command line) win. Raises `SettingInvalidError`."""
    known = {f.name: f for f in fields(Settings)}
    values: dict[str, Any] = {}
    for name, value in environ.items():
        if name.startswith(ENV_PREFIX) and (spec := known.get(name.removeprefix(ENV_PREFIX).lower())):
            values[spec.name] = _parsed(name, spec, value)
    values |= {name: value for name, value in overrides.items() if value is not None}
    _check_bus(str(values.get("bus_url", "")))
    return Settings(**values)


def _check_bus(url: str) -> None:
    # What is said never repeats the address: a password is in it.
    if not url:
        return
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in BUS_SCHEMES and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_good = False
    if not is_good:
        msg = f"{ENV_PREFIX}BUS_URL takes one of {', '.join(BUS_SCHEMES)}, then ://host, and a port that is a number"
        raise SettingInvalidError(msg)
    if importlib.util.find_spec("valkey") is None:
        msg = f"{ENV_PREFIX}BUS_URL needs the optional extra `valkey`: pip install -r requirements-valkey.lock"
        raise SettingInvalidError(msg)


def _written(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _parsed(name: str, spec: Field[Any], text: str) -> object:
    kind: type[Any] = type(spec.default)
    if kind is bool:
        if text.lower() not in {"", "0", "1", "true", "false", "yes", "no"}:
            msg = f"{name} takes 1 or 0, not {text!r}"
            raise SettingInvalidError(msg)
        return text.lower() in {"1", "true", "yes"}
    try:
        return kind(text)
    except ValueError as error:
        msg = f"{name} takes a {kind.__name__}, not {text!r}"
        raise SettingInvalidError(msg) from error
