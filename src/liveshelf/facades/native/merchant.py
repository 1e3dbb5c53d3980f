"""The merchant that a shop is paid under. Keys come in and are never shown."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, put

from liveshelf.accounts.types import Operator
from liveshelf.adapters.payments import merchants
from liveshelf.adapters.payments.merchants import WECHAT_URL, Merchant
from liveshelf.facades.native.shell import RequestId, staff
from liveshelf.flows import pay
from liveshelf.kernel.ids import PLATFORM
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.trail import service as trail

Pem = Annotated[str, msgspec.Meta(max_length=8192)]


class MerchantView(msgspec.Struct, frozen=True):
    """The merchant that the shop is paid under. Its keys are never shown."""

    mchid: str | None
    appid: str | None
    serial: str | None
    public_key_id: str | None
    simulated: bool


class SetMerchant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A merchant at WeChat Pay: its numbers and keys, as WeChat Pay's merchant pages give them."""

    request_id: RequestId
    mchid: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6,20}$")]
    appid: Annotated[str, msgspec.Meta(pattern=r"^\w{6,40}$")]
    serial: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Fa-f]{8,64}$")]
    private_key: Pem
    apiv3_key: Annotated[str, msgspec.Meta(min_length=32, max_length=32)]
    public_key_id: Annotated[str, msgspec.Meta(max_length=64)] = ""
    public_key: Pem = ""


@get("/shops/{shop_id:int}/money/merchant", dependencies=staff("money.write"), tags=["money"])
async def shown_merchant(operator: Operator, runtime: Runtime) -> MerchantView:
    """The merchant that the shop is paid under."""
    if runtime.settings.simulated_payment:
        return MerchantView(await pay.provider_of(runtime).merchant_of(operator.shop), None, None, None, simulated=True)
    async with runtime.db.read() as tx:
        shown = await merchants.merchant_shown(tx, operator.shop)
    if shown is None:
        return MerchantView(None, None, None, None, simulated=False)
    return MerchantView(shown.mchid, shown.appid, shown.serial, shown.public_key_id, simulated=False)


@put("/shops/{shop_id:int}/money/merchant", status_code=204, dependencies=staff("money.write"), tags=["money"])
async def set_merchant(data: SetMerchant, operator: Operator, runtime: Runtime) -> None:
    """Be paid under this merchant from now on. What was paid under another one is refunded there."""
    merchant = Merchant(
        operator.shop,
        data.mchid,
        data.appid,
        data.serial.upper(),
        data.private_key,
        data.apiv3_key,
        data.public_key_id,
        data.public_key,
        WECHAT_URL,
    )

    async def work(tx: Tx) -> None:
        await merchants.set_merchant(tx, runtime.keys, merchant)

    async def tell(tx: Tx) -> None:
        trail.record(tx, "payments.set_merchant", f"merchant:{data.mchid}", appid=data.appid)

    await runtime.db.write(operator.actor, PLATFORM, work)
    await runtime.db.write(operator.actor, operator.shop, tell)


ROUTES = [shown_merchant, set_merchant]
