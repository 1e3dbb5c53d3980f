"""Points an unchanged SDK at this server: a proxy on loopback that is api.weixin.qq.com to whoever trusts its
certificate.

The proxy answers CONNECT for api.weixin.qq.com:443 alone, speaks TLS with a certificate of a throw-away authority, and
passes what is inside to the HTTP server; everything else is refused. The authority's key never touches a disk and is
forgotten at once, and its certificate is limited to this one name, so a program that trusts it trusts nothing else by
it.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import tempfile
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOST = "api.weixin.qq.com"
LIFE = timedelta(days=30)  # of the certificates; a new pair is made at every start
_CLOCK_SKEW = timedelta(days=1)
_HEAD_MAX = 8_192  # bytes of a CONNECT request
_CHUNK = 65_536
_CONNECT = f"{HOST}:443"


@dataclass(frozen=True, slots=True)
class Certificates:
    """The authority's certificate, and the server's with its key, as PEM."""

    authority: bytes
    server: bytes
    key: bytes


def make_certificates() -> Certificates:
    """A new authority and one certificate for `HOST` by it."""
    authority_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "liveshelf sdk-proxy (throw-away)")])
    limits = x509.NameConstraints([x509.DNSName(HOST)], None)
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key())
    authority = (
        _dated(issuer, issuer, authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(limits, critical=True)
        .add_extension(identifier, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    server = (
        _dated(subject, issuer, server_key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    key = server_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Certificates(authority.public_bytes(pem), server.public_bytes(pem), key)


class SdkProxy:
    """The proxy in front of one HTTP server."""

    def __init__(self, target_host: str, target_port: int, certificates: Certificates) -> None:
        self._target = (target_host, target_port)
        self._tls = _server_context(certificates)
        self._open: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def running(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
        """Serve while inside; yields the proxy's own address, for `HTTPS_PROXY`."""
        server = await asyncio.start_server(self._accepted, host, port, limit=_HEAD_MAX)
        used = server.sockets[0].getsockname()[1]
        try:
            yield f"http://{host}:{used}"
        finally:
            server.close()
            for task in list(self._open):
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._guarded(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _guarded(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Whatever a client does wrong ends its own connection and nothing else.
        with contextlib.suppress(OSError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await self._serve(reader, writer)
        writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, _, rest = head.decode("latin-1").partition(" ")
        place = rest.partition(" ")[0]
        if method != "CONNECT" or place.lower() != _CONNECT:
            body = f"This proxy reaches {_CONNECT} and nothing else.\n".encode()
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
            await writer.drain()
            return
        inner_reader, inner_writer = await asyncio.open_connection(*self._target)
        try:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.drain()
            await writer.start_tls(self._tls)
            await _both(_copy(reader, inner_writer), _copy(inner_reader, writer))
        finally:
            inner_writer.close()


def _dated(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + LIFE)
    )


def _server_context(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # The interface takes files only: a folder that nobody else can read, for as long as the call takes.
    with tempfile.TemporaryDirectory(prefix="liveshelf-") as folder:
        chain = Path(folder) / "server.pem"
        chain.touch(mode=0o600)
        chain.write_bytes(certificates.key + certificates.server)
        context.load_cert_chain(chain)
    return context


async def _both(one: Coroutine[Any, Any, None], other: Coroutine[Any, Any, None]) -> None:
    """Run both directions until either ends."""
    tasks = [asyncio.create_task(one), asyncio.create_task(other)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()
