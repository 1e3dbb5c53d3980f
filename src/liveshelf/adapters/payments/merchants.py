"""Whose money it is: the merchant numbers of shops and the keys that go with them.

What signs and decrypts is sealed at rest, leaves this folder only as a signature, and is in no log. While payments are
simulated every shop has a merchant number at the simulator, and real ones are not looked at: the two can't mix.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Row

from liveshelf.adapters.payments import _merchants_sql as _sql
from liveshelf.adapters.payments.simulator_keys import SIMULATOR_PATH, simulator_keys
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.errors import Conflict, Invalid
from liveshelf.kernel.ids import PLATFORM, ShopId
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.signing import Keys

WECHAT_URL = "https://api.mch.weixin.qq.com"
APPID = "wxsimulated0000000"  # of every shop at the simulator
REMEMBERED_S = 5.0  # a changed merchant is in force everywhere after so long
_SEAL = "payment-merchant"
_APIV3_KEY = 32  # bytes
_SIMULATED = "9"  # how the simulator's merchant numbers begin; the shop's number follows
_SIMULATED_NUMBER = re.compile(f"{_SIMULATED}([0-9]{{9,18}})")


class MerchantInvalid(Invalid):
    """A merchant's settings can't be right; `field` names which."""

    code = "payments.merchant_invalid"
    title = "These settings of the merchant can't be right."


class MerchantTaken(Conflict):
    """The merchant number belongs to another shop."""

    code = "payments.merchant_taken"
    title = "This merchant number belongs to another shop."


@dataclass(frozen=True, slots=True)
class Merchant:
    """A merchant at WeChat Pay, or at the simulator that speaks like it. Secrets do not show when it is printed."""

    shop: ShopId
    mchid: str
    appid: str
    serial: str  # of our certificate, which signs
    private_key: str = field(repr=False)
    apiv3_key: str = field(repr=False)
    public_key_id: str = ""  # of WeChat Pay's public key; without one, its platform certificates are fetched
    public_key: str = field(default="", repr=False)
    base_url: str = WECHAT_URL


class _Secrets(msgspec.Struct, frozen=True):
    private_key: str
    apiv3_key: str


def simulated_number(shop: ShopId) -> str:
    """The shop's merchant number at the simulator."""
    return f"{_SIMULATED}{shop:09d}"


def simulated_shop(mchid: str) -> ShopId | None:
    """The shop of a merchant number at the simulator."""
    match = _SIMULATED_NUMBER.fullmatch(mchid)
    if match is None:
        return None
    shop = ShopId(int(match[1]))
    return shop if simulated_number(shop) == mchid else None


class MerchantBook:
    """Finds merchants by shop and by number. What it found is remembered for `REMEMBERED_S`."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._known: dict[str, tuple[float, Merchant | None]] = {}

    async def of_shop(self, shop: ShopId) -> Merchant | None:
        """The merchant that a shop's buyers pay now."""
        if self._runtime.settings.simulated_payment:
            return await self._simulated(shop)
        return await self._remembered(f"shop:{shop}", _sql.ACTIVE_OF_SHOP, of=shop)

    async def by_number(self, mchid: str) -> Merchant | None:
        """The merchant of a number, also one that its shop no longer uses."""
        if self._runtime.settings.simulated_payment:
            shop = simulated_shop(mchid)
            return None if shop is None else await self._simulated(shop)
        return await self._remembered(f"number:{mchid}", _sql.BY_NUMBER, number=mchid)

    async def certificates(self, mchid: str) -> list[str]:
        """The platform certificates that any process of ours has fetched for a merchant."""
        async with self._runtime.db.read() as tx:
            return [row.certificate for row in await tx.all(_sql.CERTIFICATES, number=mchid)]

    async def keep_certificates(self, mchid: str, found: Mapping[str, str]) -> None:
        """Keep fetched certificates by their numbers, for processes that start when the provider can't be asked."""

        async def work(tx: Tx) -> None:
            rows = [
                {"mchid": mchid, "serial": serial, "certificate": text, "seen_at": tx.now}
                for serial, text in sorted(found.items())
            ]
            await tx.conn.execute(_sql.KEEP_CERTIFICATES, rows)

        if found:
            await self._runtime.db.write(SYSTEM, PLATFORM, work)

    async def _simulated(self, shop: ShopId) -> Merchant:
        keys = await simulator_keys(self._runtime)
        return Merchant(
            shop,
            simulated_number(shop),
            APPID,
            keys.merchant_serial,
            keys.merchant_key,
            keys.apiv3_key,
            base_url=self._runtime.settings.local_url + SIMULATOR_PATH,
        )

    async def _remembered(self, name: str, statement: Any, **args: object) -> Merchant | None:  # noqa: ANN401 - a statement
        seen, found = self._known.get(name, (0.0, None))
        if time.monotonic() - seen > REMEMBERED_S or not seen:
            async with self._runtime.db.read() as tx:
                row = await tx.one(statement, **args)
            found = None if row is None else _opened(self._runtime.keys, row)
            self._known[name] = (time.monotonic(), found)
        return found


@dataclass(frozen=True, slots=True)
class MerchantShown:
    """What people may see of a merchant."""

    mchid: str
    appid: str
    serial: str
    public_key_id: str
    base_url: str


async def merchant_shown(tx: ReadTx, shop: ShopId) -> MerchantShown | None:
    """The merchant that a shop is paid under, without its secrets."""
    row = await tx.one(_sql.ACTIVE_OF_SHOP, of=shop)
    return None if row is None else MerchantShown(row.mchid, row.appid, row.serial, row.public_key_id, row.base_url)


async def set_merchant(tx: Tx, keys: Keys, merchant: Merchant) -> None:
    """The shop is paid under this merchant from now on. What was paid under an earlier one is refunded there.

    Runs in the platform's transaction, since a number leads to its shop. Raises `MerchantInvalid`, `MerchantTaken`.
    """
    if tx.shop != PLATFORM:
        raise AssertionError("merchant numbers are the platform's")
    check_merchant(merchant)
    secrets = _Secrets(merchant.private_key, merchant.apiv3_key)
    await tx.execute(_sql.RETIRE, of=merchant.shop)
    kept = await tx.scalar(
        _sql.KEEP,
        number=merchant.mchid,
        owner=merchant.shop,
        app=merchant.appid,
        certificate=merchant.serial,
        secrets=keys.encrypt(_SEAL, msgspec.json.encode(secrets).decode()),
        key_id=merchant.public_key_id,
        key=merchant.public_key,
        url=merchant.base_url,
        moment=tx.now,
    )
    if kept is None:
        raise MerchantTaken(field="mchid")


def check_merchant(merchant: Merchant) -> None:
    """Raises `MerchantInvalid` unless its keys can be read."""
    from wechatpayv3 import utils  # noqa: PLC0415 - see v3

    if not (merchant.mchid.isascii() and merchant.mchid.isdigit()):
        raise MerchantInvalid(field="mchid")
    if len(merchant.apiv3_key.encode()) != _APIV3_KEY:
        raise MerchantInvalid("The APIv3 key has 32 characters.", field="apiv3_key")
    for name, read, text in (
        ("private_key", utils.load_private_key, merchant.private_key),
        ("public_key", utils.load_public_key, merchant.public_key),
    ):
        try:
            found = read(text)
        except Exception as error:  # the library raises its plain kind
            raise MerchantInvalid(field=name) from error
        if found is None and (name == "private_key" or merchant.public_key_id):
            raise MerchantInvalid(field=name)


def _opened(keys: Keys, row: Row[Any]) -> Merchant:
    secrets = msgspec.json.decode(keys.decrypt(_SEAL, bytes(row.sealed)), type=_Secrets)
    return Merchant(
        ShopId(row.shop_id),
        row.mchid,
        row.appid,
        row.serial,
        secrets.private_key,
        secrets.apiv3_key,
        row.public_key_id,
        row.public_key,
        row.base_url,
    )
