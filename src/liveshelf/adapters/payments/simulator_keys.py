"""The simulator's keys: its own, with which it signs, and those it has given to the merchants.

Made when first needed, kept sealed in the database, so that every process and machine sees the same ones.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from liveshelf.adapters.payments import _merchants_sql as _sql
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import PLATFORM
from liveshelf.platform.clock import wall_now

if TYPE_CHECKING:
    from liveshelf.platform.runtime import Runtime
    from liveshelf.platform.signing import Keys

SIMULATOR_PATH = "/simulator"  # where our HTTP process serves it
_SEAL = "simulator-keys"
_APIV3 = "simulator-apiv3"
_KEY_BITS = 2048
_VALID = timedelta(days=3650)


class PlatformKey(msgspec.Struct, frozen=True):
    """A key that the simulator signs with, its certificate, and the certificate's number."""

    key: str
    certificate: str
    serial: str


class _Kept(msgspec.Struct, frozen=True):
    platform: list[PlatformKey]
    merchant_key: str


@dataclass(frozen=True, slots=True)
class SimulatorKeys:
    """The newest platform key signs; all of them are published. Every merchant has the same key and certificate."""

    platform: tuple[PlatformKey, ...]
    merchant_key: str
    merchant_serial: str
    apiv3_key: str


async def simulator_keys(runtime: Runtime) -> SimulatorKeys:
    """The keys of this installation's simulator."""
    known = runtime.adapters.get(SimulatorKeys)
    if isinstance(known, SimulatorKeys):
        return known
    async with runtime.db.read() as tx:
        sealed = await tx.scalar(_sql.SIMULATOR_KEYS)
    if sealed is None:
        text = await asyncio.to_thread(new_sealed, runtime.keys)
        await runtime.db.write(SYSTEM, PLATFORM, lambda tx: tx.execute(_sql.KEEP_SIMULATOR_KEYS, keys=text))
        async with runtime.db.read() as tx:
            sealed = await tx.scalar(_sql.SIMULATOR_KEYS)
    kept = msgspec.json.decode(runtime.keys.decrypt(_SEAL, bytes(sealed)), type=_Kept)
    secret = runtime.keys.mac(_APIV3, b"key").hex()
    keys = SimulatorKeys(tuple(kept.platform), kept.merchant_key, secret[32:64].upper(), secret[:32])
    runtime.provide(SimulatorKeys, keys)
    return keys


async def rotate(runtime: Runtime) -> None:
    """Sign with a new platform key from now on; the ones before stay published."""
    keys = await simulator_keys(runtime)
    newest = await asyncio.to_thread(_platform_key)
    kept = _Kept([*keys.platform, newest], keys.merchant_key)
    text = runtime.keys.encrypt(_SEAL, msgspec.json.encode(kept).decode())
    await runtime.db.write(SYSTEM, PLATFORM, lambda tx: tx.execute(_sql.CHANGE_SIMULATOR_KEYS, keys=text))
    runtime.provide(SimulatorKeys, replace(keys, platform=tuple(kept.platform)))


def new_sealed(keys: Keys) -> bytes:
    """New keys as they are kept. Takes some tenths of a second of one core."""
    made = _Kept([_platform_key()], _pem(_key()))
    return keys.encrypt(_SEAL, msgspec.json.encode(made).decode())


# Imported when needed: what makes certificates weighs several megabytes, and most processes never do.
def _platform_key() -> PlatformKey:
    from cryptography import x509  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415 - as above
    from cryptography.x509.oid import NameOID  # noqa: PLC0415 - as above

    key = _key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "liveshelf simulated payment")])
    number = x509.random_serial_number()
    now = wall_now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(number)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _VALID)
        .sign(key, SHA256())
    )
    return PlatformKey(_pem(key), certificate.public_bytes(Encoding.PEM).decode(), f"{number:X}")


def _key() -> Any:  # noqa: ANN401 - a private RSA key
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - as above

    return rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)


def _pem(key: Any) -> str:  # noqa: ANN401 - a private RSA key
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - as above
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    text: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return text.decode()
