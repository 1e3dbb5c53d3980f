"""The built web apps: console below /console, buyer pages below /shop.

Every file is read once into memory with its compressed form (two small apps, a few MB). Files under `assets/` carry
their hash in the name and are kept by browsers for a year; everything else is asked for anew. An unknown path below
an app is one of its pages.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

import liveshelf
from liveshelf.entry.asgi import Receive, Scope, Send, header, plain_answer
from liveshelf.platform.settings import Settings

_IMMUTABLE = b"public, max-age=31536000, immutable"
_REVALIDATE = b"no-cache"
_COMPRESSED = frozenset(
    {"text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml", "application/json"}
)
# Browsers ask for it by themselves where a page names no icon, as the pay page and plain answers do.
_ICON_ASKED, _ICON = "/favicon.ico", "favicon.svg"
_NOT_BUILT = "The web pages are not built. Run script/server, or `npm ci && npm run build` in web/."


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    packed: bytes | None
    content_type: str
    etag: bytes
    cache: bytes


class Pages:
    """Serves the two apps."""

    def __init__(self, settings: Settings) -> None:
        self._home = "/shop/1" if settings.demo else "/console/"
        self._apps = {"console": _built("console"), "shop": _built("buyer")}

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer a GET or HEAD of a page or asset."""
        path: str = scope["path"]
        if scope["method"] not in {"GET", "HEAD"}:
            await plain_answer(send, 405, b"", "text/plain", (b"allow", b"GET, HEAD"))
            return
        if path == "/":
            await plain_answer(send, 302, b"", "text/plain", (b"location", self._home.encode()))
            return
        if path == _ICON_ASKED:
            icon = _read(self._apps["shop"], _ICON)
            await (_send_file(scope, send, icon) if icon else plain_answer(send, 204, b"", "image/svg+xml"))
            return
        app, _, rest = path.lstrip("/").partition("/")
        folder = self._apps.get(app)
        if folder is None:
            await plain_answer(send, 404, b"There is no such page.")
            return
        file = _read(folder, rest) or (None if rest.startswith("assets/") else _read(folder, "index.html"))
        if file is None:
            await plain_answer(send, 404 if rest.startswith("assets/") else 503, _NOT_BUILT.encode())
            return
        await _send_file(scope, send, file)


async def _send_file(scope: Scope, send: Send, file: _File) -> None:
    more = [(b"etag", file.etag), (b"cache-control", file.cache), (b"vary", b"accept-encoding")]
    if header(scope, b"if-none-match").encode() == file.etag:
        await plain_answer(send, 304, b"", file.content_type, *more)
        return
    body = file.body
    if file.packed is not None and "gzip" in header(scope, b"accept-encoding"):
        body = file.packed
        more.append((b"content-encoding", b"gzip"))
    await plain_answer(send, 200, b"" if scope["method"] == "HEAD" else body, file.content_type, *more)


def _built(app: str) -> Path:
    package = Path(liveshelf.__file__).parent
    beside_source = package.parents[1] / "web" / app / "dist"
    return beside_source if beside_source.is_dir() else package / "web" / app


@functools.lru_cache(maxsize=1024)
def _read(folder: Path, name: str) -> _File | None:
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()) or not path.is_file():
            return None
    except (OSError, ValueError):  # too long for a name, or with a NUL in it: no file of ours
        return None
    body = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packed = gzip.compress(body, 9) if kind in _COMPRESSED else None
    text = kind if not kind.startswith("text/") else f"{kind}; charset=utf-8"
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'.encode()
    return _File(body, packed, text, etag, _IMMUTABLE if name.startswith("assets/") else _REVALIDATE)
