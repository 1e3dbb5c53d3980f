"""WeChat Pay v3: the one adapter. It talks to WeChat Pay and to the simulator alike, by address and keys.

Every call is signed, every answer is believed only with the provider's signature. What was tried against WeChat Pay's
own servers is said in the docs: nothing so far.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeVar
from urllib.parse import quote

import httpx
import msgspec

from liveshelf.adapters.payments import v3_bodies as bodies
from liveshelf.adapters.payments.merchants import Merchant, MerchantBook
from liveshelf.adapters.payments.port import (
    Charge,
    Notice,
    NoticeRefused,
    PaymentProvider,
    PayWay,
    ProviderRefused,
    ProviderState,
    ProviderUnavailable,
    RefundOrder,
    RefundStanding,
    RefundStatus,
    Scene,
    Status,
)
from liveshelf.adapters.payments.v3 import PlatformKeys, authorization, opened, page_signature
from liveshelf.kernel.ids import PaymentId, ShopId, new_rid
from liveshelf.kernel.time import CHINA
from liveshelf.platform.log import logger
from liveshelf.platform.outbound import Answer, OutboundRefusedError
from liveshelf.platform.runtime import Runtime

BILL_MAX = 64 << 20  # bytes: some 200,000 payments
_DESCRIPTION_MAX = 40  # characters; WeChat Pay takes 127 bytes
_REASON_MAX = 26  # characters; 80 bytes
_MISSING = frozenset({"ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS"})
_NO_BILL = "NO_STATEMENT_EXIST"
_ANEW = frozenset({"FREQUENCY_LIMITED", "SYSTEM_ERROR", "RATELIMIT_EXCEEDED"})

T = TypeVar("T")
_log = logger("wechat-pay")


class WechatPay(PaymentProvider):
    """WeChat Pay, or the simulator that speaks like it: `name` says which."""

    def __init__(self, runtime: Runtime) -> None:
        self.name = "simulator" if runtime.settings.simulated_payment else "wechat"
        self.merchants = MerchantBook(runtime)
        self._outbound = runtime.outbound
        self._notify_url = runtime.settings.notify_base_url
        self._public_url = runtime.settings.public_url
        self._keys = PlatformKeys()
        self._looking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def merchant_of(self, shop: ShopId) -> str | None:
        """The merchant number under which a shop is paid now, if it has one."""
        merchant = await self.merchants.of_shop(shop)
        return None if merchant is None else merchant.mchid

    async def prepare(self, charge: Charge) -> PayWay:
        """Announce a charge; asking again for the same payment leads to the same one."""
        merchant = await self._merchant(charge.merchant)
        body = {
            "appid": merchant.appid,
            "mchid": merchant.mchid,
            "description": charge.description[:_DESCRIPTION_MAX] or "-",
            "out_trade_no": str(charge.payment_id),
            "time_expire": charge.expires_at.astimezone(CHINA).isoformat(timespec="seconds"),
            "notify_url": self._notify_at(merchant),
            "amount": {"total": charge.amount_fen, "currency": "CNY"},
        }
        match charge.scene:
            case Scene.H5:
                address = charge.payer_address or "127.0.0.1"
                body["scene_info"] = {"payer_client_ip": address, "h5_info": {"type": "Wap"}}
            case Scene.JSAPI:
                body["payer"] = {"openid": charge.payer_openid}
            case Scene.NATIVE:
                pass
        answer = await self._ask(merchant, "POST", f"/v3/pay/transactions/{charge.scene}", body, kind=bodies.Prepared)
        return self._way(merchant, charge, answer)

    async def verify(self, merchant: str, headers: Mapping[str, str], body: bytes) -> Notice:
        """Read a notification. A signer that nobody knows makes us look for new platform certificates first."""
        whose = await self.merchants.by_number(merchant)
        if whose is None:
            raise NoticeRefused
        if not self._keys.knows(whose, headers):
            await self._look_for_certificates(whose, headers)
        if not self._keys.believes(whose, headers, body):
            raise NoticeRefused
        return self._read(whose, body)

    async def read(self, merchant: str, body: bytes) -> Notice:
        """The notice in a body that was verified before. Raises `NoticeRefused`."""
        whose = await self.merchants.by_number(merchant)
        if whose is None:
            raise NoticeRefused
        return self._read(whose, body)

    async def query(self, merchant: str, payment_id: PaymentId) -> Status:
        """How the payment stands."""
        whose = await self._merchant(merchant)
        path = f"/v3/pay/transactions/out-trade-no/{payment_id}?mchid={whose.mchid}"
        try:
            told = await self._ask(whose, "GET", path, None, kind=bodies.Transaction)
        except ProviderRefused as refusal:
            if refusal.context.get("reason") in _MISSING:
                return Status(ProviderState.UNKNOWN)
            raise
        if told.mchid != whose.mchid or told.out_trade_no != str(payment_id):
            raise ProviderUnavailable
        return _said(told.status)

    async def close(self, merchant: str, payment_id: PaymentId) -> Status:
        """Let nobody pay it any more, unless it was paid already; what is not closed is asked about."""
        whose = await self._merchant(merchant)
        path = f"/v3/pay/transactions/out-trade-no/{payment_id}/close"
        try:
            await self._ask(whose, "POST", path, {"mchid": whose.mchid}, kind=None)
        except ProviderRefused:
            return await self.query(merchant, payment_id)
        return Status(ProviderState.CLOSED)

    async def refund(self, order: RefundOrder) -> RefundStatus:
        """Send money back. The provider does it once for a number, and then tells how it stands."""
        merchant = await self._merchant(order.merchant)
        body = {
            "out_trade_no": str(order.payment_id),
            "out_refund_no": order.number,
            "reason": order.reason[:_REASON_MAX],
            "notify_url": self._notify_at(merchant),
            "amount": {"refund": order.amount_fen, "total": order.total_fen, "currency": "CNY"},
        }
        told = await self._ask(merchant, "POST", "/v3/refund/domestic/refunds", body, kind=bodies.Refunded)
        if told.out_refund_no != order.number:
            raise ProviderUnavailable
        return _said(told.standing)

    async def query_refund(self, order: RefundOrder) -> RefundStatus:
        """How a refund stands."""
        merchant = await self._merchant(order.merchant)
        path = f"/v3/refund/domestic/refunds/{quote(order.number, safe='')}"
        try:
            told = await self._ask(merchant, "GET", path, None, kind=bodies.Refunded)
        except ProviderRefused as refusal:
            if refusal.context.get("reason") in _MISSING:
                return RefundStatus(RefundStanding.UNKNOWN)
            raise
        return _said(told.standing)

    async def trade_bill(self, merchant: str, day: date) -> bytes | None:
        """The bill of a day, whole: it hashes to what the provider said. Nothing when the provider has none."""
        return await self._bill(merchant, f"/v3/bill/tradebill?bill_date={day.isoformat()}&bill_type=ALL")

    async def fund_bill(self, merchant: str, day: date) -> bytes | None:
        """The fund-flow bill of a day for the account that trade goes through, fetched and checked as the other."""
        return await self._bill(merchant, f"/v3/bill/fundflowbill?bill_date={day.isoformat()}&account_type=BASIC")

    async def _bill(self, merchant: str, path: str) -> bytes | None:
        whose = await self._merchant(merchant)
        try:
            file = await self._ask(whose, "GET", path, None, kind=bodies.BillFile)
        except ProviderRefused as refusal:
            if refusal.context.get("reason") == _NO_BILL:
                return None
            raise
        if not file.download_url.startswith(whose.base_url + "/"):
            raise ProviderUnavailable("The bill is said to be at another address.")
        answer = await self._call(whose, "GET", file.download_url.removeprefix(whose.base_url), "", most=BILL_MAX)
        if answer.status != httpx.codes.OK or file.hash_type != "SHA1":
            raise ProviderUnavailable
        if hashlib.sha1(answer.body, usedforsecurity=False).hexdigest() != file.hash_value.lower():
            raise ProviderUnavailable("The bill came broken.")
        return answer.body

    def _way(self, merchant: Merchant, charge: Charge, answer: bodies.Prepared) -> PayWay:
        if charge.scene is Scene.NATIVE and answer.code_url:
            return PayWay(charge.scene, code_url=answer.code_url)
        if charge.scene is Scene.H5 and answer.h5_url:
            # An address of our own is given as a path, so that the buyer stays where the session's cookie is.
            back = quote(self._public_url + charge.return_url, safe="")
            url = answer.h5_url.removeprefix(self._public_url)
            return PayWay(charge.scene, url=f"{url}&redirect_url={back}")
        if charge.scene is Scene.JSAPI and answer.prepay_id:
            now, nonce, package = str(int(time.time())), new_rid().replace("-", ""), f"prepay_id={answer.prepay_id}"
            signature = page_signature(merchant, merchant.appid, now, nonce, package)
            return PayWay(
                charge.scene,
                jsapi={
                    "appId": merchant.appid,
                    "timeStamp": now,
                    "nonceStr": nonce,
                    "package": package,
                    "signType": "RSA",
                    "paySign": signature,
                },
            )
        raise ProviderUnavailable

    def _notify_at(self, merchant: Merchant) -> str:
        return f"{self._notify_url}/v1/payments/{self.name}/notify/{merchant.mchid}"

    def _read(self, merchant: Merchant, body: bytes) -> Notice:
        envelope = bodies.envelope_of(body)
        sealed = envelope.resource
        plain = opened(
            merchant, nonce=sealed.nonce, ciphertext=sealed.ciphertext, associated_data=sealed.associated_data
        )
        if plain is None:
            raise NoticeRefused
        try:
            if envelope.event_type.startswith("REFUND."):
                back = msgspec.json.decode(plain, type=bodies.Refunded)
                whose, notice = back.mchid, Notice(envelope.id, merchant.shop, refund=back.notice())
            else:
                told = msgspec.json.decode(plain, type=bodies.Transaction)
                whose, notice = told.mchid, Notice(envelope.id, merchant.shop, receipt=told.status().receipt)
        except (msgspec.MsgspecError, ValueError) as error:
            raise NoticeRefused from error
        if whose != merchant.mchid:
            raise NoticeRefused
        return notice

    async def _merchant(self, mchid: str) -> Merchant:
        merchant = await self.merchants.by_number(mchid)
        if merchant is None:
            raise ProviderRefused(reason="NO_MERCHANT")
        return merchant

    async def _ask(self, merchant: Merchant, method: str, path: str, body: object, *, kind: type[T] | None) -> T:
        """A call and its believed answer. Raises `ProviderUnavailable`, `ProviderRefused`."""
        text = "" if body is None else msgspec.json.encode(body).decode()
        answer = await self._call(merchant, method, path, text)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        if not self._keys.knows(merchant, headers):
            await self._look_for_certificates(merchant, headers)
        if not self._keys.believes(merchant, headers, answer.body):
            # Also a refusal: a stranger in between could else make us believe that a payment does not exist.
            _log.error("answer_not_believed", merchant=merchant.mchid, status=answer.status)
            raise ProviderUnavailable
        if answer.status >= httpx.codes.BAD_REQUEST:
            raise _refusal(answer)
        if kind is None:
            return None  # type: ignore[return-value] # nobody reads it
        try:
            return msgspec.json.decode(answer.body, type=kind)
        except msgspec.MsgspecError as error:
            raise ProviderUnavailable from error

    async def _call(self, merchant: Merchant, method: str, path: str, text: str, *, most: int | None = None) -> Answer:
        headers = {
            "accept": "application/json",
            "authorization": authorization(merchant, method, path, text),
            "content-type": "application/json",
            "user-agent": "liveshelf",
        }
        if merchant.public_key_id:
            headers["wechatpay-serial"] = merchant.public_key_id
        try:
            answer = await self._outbound.request(method, merchant.base_url + path, text.encode(), headers, most=most)
        except (OutboundRefusedError, httpx.HTTPError, OSError, TimeoutError) as error:
            _log.warning("no_answer", merchant=merchant.mchid, error=repr(error))
            raise ProviderUnavailable from error
        if answer.status >= httpx.codes.INTERNAL_SERVER_ERROR or answer.status == httpx.codes.TOO_MANY_REQUESTS:
            raise ProviderUnavailable
        return answer

    async def _look_for_certificates(self, merchant: Merchant, headers: Mapping[str, str]) -> None:
        # One looks, whoever came meanwhile waits for what it finds.
        async with self._looking[merchant.mchid]:
            if not self._keys.knows(merchant, headers) and self._keys.may_look(merchant):
                await self._look(merchant, headers)

    async def _look(self, merchant: Merchant, headers: Mapping[str, str]) -> None:
        for text in await self.merchants.certificates(merchant.mchid):
            self._keys.remember(merchant, text)
        if self._keys.knows(merchant, headers):
            self._keys.look_again(merchant)
            return
        try:
            answer = await self._call(merchant, "GET", "/v3/certificates", "")
            if answer.status != httpx.codes.OK:
                raise _refusal(answer)
            found = self._keys.learn(merchant, answer.body)
        except (ProviderUnavailable, ProviderRefused, msgspec.MsgspecError, ValueError) as error:
            self._keys.look_again(merchant)
            _log.warning("no_certificates", merchant=merchant.mchid, error=repr(error))
            return
        await self.merchants.keep_certificates(merchant.mchid, found)


def _said(read: Callable[[], T]) -> T:
    """What an answer says; one that makes no sense is no answer."""
    try:
        return read()
    except ValueError as error:
        raise ProviderUnavailable from error


def _refusal(answer: Answer) -> ProviderRefused | ProviderUnavailable:
    try:
        problem = msgspec.json.decode(answer.body, type=bodies.Problem)
    except msgspec.MsgspecError:
        problem = bodies.Problem()
    if problem.code in _ANEW:
        return ProviderUnavailable()
    return ProviderRefused(reason=problem.code or str(answer.status))
