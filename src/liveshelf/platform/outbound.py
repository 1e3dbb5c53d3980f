"""The only HTTP client. It can't be talked into reaching the inside of the network.

The host is resolved once and the connection goes to that address (no second look-up to rebind), private, loopback,
link-local and metadata addresses are refused unless the operator's allow-list names host and port, redirects are not
followed, and both time and size of the answer are bounded.
"""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import httpx

TIMEOUT_S = 10.0
BODY_MAX = 1 << 20  # 1 MiB: answers to calls we make are small


class OutboundRefusedError(Exception):
    """The address may not be reached, or the answer broke a bound. The message says which."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Outbound:
    """Makes calls to other systems. `allow` names (host, port) pairs that may be private: the operator's word only."""

    def __init__(self, allow: frozenset[tuple[str, int]] = frozenset(), *, timeout_s: float = TIMEOUT_S) -> None:
        self._allow = allow
        self._client = httpx.AsyncClient(
            timeout=timeout_s, follow_redirects=False, trust_env=False, verify=_authorities()
        )
        self._timeout_s = timeout_s

    async def post(self, url: str, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """POST bytes. Raises `OutboundRefusedError`, or `httpx.HTTPError` when the other side fails."""
        return await self.request("POST", url, body, headers)

    async def request(
        self,
        method: str,
        url: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        most: int | None = None,
    ) -> Answer:
        """One call, bounded in time (as a whole) and in size: `most` bytes where the usual bound is too small."""
        largest = most or BODY_MAX
        async with asyncio.timeout(self._timeout_s):
            parts = urlsplit(url)
            if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
                raise OutboundRefusedError("only plain http and https addresses")
            port = parts.port or (443 if parts.scheme == "https" else 80)
            address = await self._address(parts.hostname, port)
            netloc = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
            target = urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, ""))
            request = self._client.build_request(
                method,
                target,
                content=body,
                headers={**(headers or {}), "host": parts.netloc},
                extensions={"sni_hostname": parts.hostname},
            )
            answer = await self._client.send(request, stream=True)
            try:
                chunks = bytearray()
                async for chunk in answer.aiter_bytes():
                    chunks += chunk
                    if len(chunks) > largest:
                        raise OutboundRefusedError(f"answer larger than {largest} bytes")
            finally:
                await answer.aclose()
            return Answer(answer.status_code, dict(answer.headers), bytes(chunks))

    async def close(self) -> None:
        """Close kept connections."""
        await self._client.aclose()

    async def _address(self, host: str, port: int) -> str:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(info[4][0]) for info in found]
        if (host.lower(), port) in self._allow:
            return addresses[0]
        for text in addresses:
            # One private answer among public ones is an attack, not a choice.
            if not ipaddress.ip_address(text.split("%")[0]).is_global:
                raise OutboundRefusedError(f"{host} leads to an address inside the network")
        return addresses[0]


@functools.cache
def _authorities() -> ssl.SSLContext:
    # Reading them takes 15 ms and they are the same for every client.
    return httpx.create_ssl_context(trust_env=False)


def allow_list(text: str) -> frozenset[tuple[str, int]]:
    """Read the operator's list, `host:port` separated by commas. Raises `ValueError`."""
    pairs = [entry.strip().rsplit(":", 1) for entry in text.split(",") if entry.strip()]
    return frozenset((host.lower(), int(port)) for host, port in pairs)
