"""The simulator over HTTP: WeChat Pay's v3 calls, the buyer's pay page, and the switches of its faults.

Served by our HTTP process under `/simulator`, only while payments are simulated. It checks every call's signature and
signs every answer, as the real one does.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from liveshelf.adapters.payments import simulator_bodies as bodies
from liveshelf.adapters.payments import simulator_faults
from liveshelf.adapters.payments.merchants import APPID, simulated_number, simulated_shop
from liveshelf.adapters.payments.pay_page import language, render
from liveshelf.adapters.payments.simulator import Announced, PayPageUnknown, SimulatedPayments, SimulatorRefuses
from liveshelf.adapters.payments.simulator_bills import fund_bill, trade_bill
from liveshelf.adapters.payments.simulator_keys import SIMULATOR_PATH, rotate, simulator_keys
from liveshelf.kernel.fen import MAX_FEN
from liveshelf.kernel.ids import INT63_MAX, PaymentId, ShopId
from liveshelf.platform.clock import wall_now
from liveshelf.platform.runtime import Runtime

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

BODY_MAX = 64 << 10  # bytes; a call is some hundred
FRESH_S = 300
_AUTHORIZATION = re.compile(
    bodies.SCHEME + r' mchid="(\d{1,32})",nonce_str="([\w-]{1,64})",signature="([\w+/=]{1,1024})",'
    r'timestamp="(\d{1,12})",serial_no="(\w{1,64})"'
)
_STATUSES = {
    "SIGN_ERROR": 401,
    "ORDER_NOT_EXIST": 404,
    "RESOURCE_NOT_EXISTS": 404,
    "NOT_ENOUGH": 403,
    "NOT_FOUND": 404,
    "SYSTEM_ERROR": 500,
}


class _Amount(msgspec.Struct, frozen=True):
    total: Annotated[int, msgspec.Meta(ge=1, le=MAX_FEN)]
    currency: str = "CNY"


class _Payer(msgspec.Struct, frozen=True):
    openid: Annotated[str, msgspec.Meta(max_length=128)]


class _Order(msgspec.Struct, frozen=True):
    appid: str
    mchid: str
    description: Annotated[str, msgspec.Meta(min_length=1, max_length=127)]
    out_trade_no: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6,19}$")]
    notify_url: Annotated[str, msgspec.Meta(max_length=255)]
    amount: _Amount
    time_expire: datetime | None = None
    payer: _Payer | None = None


class _RefundAmount(msgspec.Struct, frozen=True):
    refund: Annotated[int, msgspec.Meta(ge=1, le=MAX_FEN)]
    total: Annotated[int, msgspec.Meta(ge=1, le=MAX_FEN)]
    currency: str = "CNY"


class _Refund(msgspec.Struct, frozen=True):
    out_trade_no: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6,19}$")]
    out_refund_no: Annotated[str, msgspec.Meta(pattern=r"^[\w|*@-]{1,64}$")]
    amount: _RefundAmount
    notify_url: Annotated[str, msgspec.Meta(max_length=255)] = ""
    reason: str = ""


class _Close(msgspec.Struct, frozen=True):
    mchid: str


class _Switches(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    faults: simulator_faults.Faults = msgspec.field(default_factory=simulator_faults.Faults)
    rotate: bool = False


@dataclass(frozen=True, slots=True)
class _Call:
    """One call of a merchant, its signature checked."""

    shop: ShopId
    path: str
    query: Mapping[str, str]
    body: bytes

    @property
    def mchid(self) -> str:
        return simulated_number(self.shop)


class SimulatorApp:
    """The whole simulator as one ASGI application."""

    def __init__(self, runtime: Runtime, *, heard: bool = True) -> None:
        self._runtime = runtime
        self._payments = SimulatedPayments(runtime, heard=heard)
        self._base = runtime.settings.local_url + SIMULATOR_PATH
        self._public = runtime.settings.public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = str(scope["path"]).removeprefix(SIMULATOR_PATH)
        if (body := await _body(receive)) is None:
            await _answer(send, 413, b"")
        elif path.startswith("/v3/"):
            await self._v3(scope, path, body, send)
        elif path == "/faults":
            await self._switch(scope, body, send)
        elif path.startswith("/pay/"):
            await self._page(scope, path.removeprefix("/pay/"), body, send)
        else:
            await _answer(send, 404, b"")

    async def _v3(self, scope: Scope, path: str, body: bytes, send: Send) -> None:
        async with self._runtime.db.read() as tx:
            faults = await simulator_faults.current(tx)
        if faults.down:
            await _answer(send, 503, b"")
            return
        keys = await simulator_keys(self._runtime)
        headers: dict[str, str] = {}
        try:
            call = await self._signed(scope, path, body)
            status, told = await self._done(call)
        except SimulatorRefuses as refusal:
            word = str(refusal.context["reason"])
            status, told = _STATUSES.get(word, 400), {"code": word, "message": word}
        except (msgspec.MsgspecError, ValueError) as error:
            status, told = 400, {"code": "PARAM_ERROR", "message": str(error)}
        if faults.slow_s:
            await asyncio.sleep(faults.slow_s)
        if isinstance(told, bytes):
            text, headers = told, {"content-type": "text/csv; charset=utf-8"}
        else:
            text = b"" if told is None else msgspec.json.encode(told)
            headers = bodies.signed(keys, text)
        await _answer(send, status, text, headers)

    async def _signed(self, scope: Scope, path: str, body: bytes) -> _Call:
        match = _AUTHORIZATION.fullmatch(_header(scope, b"authorization"))
        query = bytes(scope.get("query_string", b"")).decode("latin-1")
        if match is None:
            raise SimulatorRefuses(reason="SIGN_ERROR")
        mchid, nonce, signature, sent, serial = match.groups()
        shop = simulated_shop(mchid)
        keys = await simulator_keys(self._runtime)
        target = f"{path}?{query}" if query else path
        text = f"{scope['method']}\n{target}\n{sent}\n{nonce}\n{body.decode()}\n"
        fresh = abs(wall_now().timestamp() - int(sent)) <= FRESH_S
        if shop is None or not fresh or serial != keys.merchant_serial:
            raise SimulatorRefuses(reason="SIGN_ERROR")
        if not bodies.signed_by_merchant(keys, text, signature):
            raise SimulatorRefuses(reason="SIGN_ERROR")
        return _Call(shop, f"{scope['method']} {path}", {k: v[0] for k, v in parse_qs(query).items()}, body)

    async def _done(self, call: _Call) -> tuple[int, object]:
        for pattern, work in _ROUTES:
            if match := pattern.fullmatch(call.path):
                return await work(self, call, *match.groups())
        raise SimulatorRefuses(reason="NOT_FOUND")

    async def announce(self, call: _Call, scene: str) -> tuple[int, object]:
        """POST /v3/pay/transactions/{scene}."""
        order = msgspec.json.decode(call.body, type=_Order)
        _check(call, order.mchid, order.appid, order.amount.currency)
        if scene == "jsapi" and (order.payer is None or not order.payer.openid):
            raise SimulatorRefuses(reason="PARAM_ERROR")
        charge = Announced(
            _number(order.out_trade_no),
            order.amount.total,
            order.description,
            scene,
            order.payer.openid if order.payer else "",
            order.notify_url,
            order.time_expire,
        )
        token = await self._payments.announce(call.shop, charge)
        page = f"{self._public}{SIMULATOR_PATH}/pay/{token}?via={scene}"
        return 200, {"h5": {"h5_url": page}, "native": {"code_url": page}, "jsapi": {"prepay_id": token}}[scene]

    async def look(self, call: _Call, number: str) -> tuple[int, object]:
        """GET /v3/pay/transactions/out-trade-no/{number}."""
        row = await self._payments.row(call.shop, _number(number))
        if row is None or call.query.get("mchid") != call.mchid:
            raise SimulatorRefuses(reason="ORDER_NOT_EXIST")
        return 200, bodies.transaction(row, mchid=call.mchid, appid=APPID)

    async def close(self, call: _Call, number: str) -> tuple[int, object]:
        """POST /v3/pay/transactions/out-trade-no/{number}/close."""
        if msgspec.json.decode(call.body, type=_Close).mchid != call.mchid:
            raise SimulatorRefuses(reason="MCH_NOT_EXISTS")
        await self._payments.close(call.shop, _number(number))
        return 204, None

    async def refund(self, call: _Call) -> tuple[int, object]:
        """POST /v3/refund/domestic/refunds."""
        order = msgspec.json.decode(call.body, type=_Refund)
        payment_id = _number(order.out_trade_no)
        paid = await self._payments.row(call.shop, payment_id)
        if paid is None:
            raise SimulatorRefuses(reason="RESOURCE_NOT_EXISTS")
        _check(call, call.mchid, APPID, order.amount.currency)
        if paid.amount_fen != order.amount.total:
            raise SimulatorRefuses(reason="INVALID_REQUEST")
        await self._payments.refund(
            call.shop,
            payment_id,
            number=order.out_refund_no,
            amount_fen=order.amount.refund,
            notify_url=order.notify_url or paid.notify_url,
        )
        return await self.look_refund(call, order.out_refund_no)

    async def look_refund(self, call: _Call, number: str) -> tuple[int, object]:
        """GET /v3/refund/domestic/refunds/{number}."""
        _, row = await self._payments.query_refund(call.shop, number)
        paid = None if row is None else await self._payments.row(call.shop, row.payment_id)
        if row is None or paid is None:
            raise SimulatorRefuses(reason="RESOURCE_NOT_EXISTS")
        return 200, bodies.refunded(row, paid)

    async def bill(self, call: _Call) -> tuple[int, object]:
        """GET /v3/bill/tradebill and /v3/bill/fundflowbill."""
        kind = call.path.rsplit("/", 1)[-1]
        day = date.fromisoformat(call.query.get("bill_date", ""))
        if call.query.get("account_type", "BASIC") != "BASIC":
            raise SimulatorRefuses(reason="NO_STATEMENT_EXIST")
        async with self._runtime.db.read(call.shop) as tx:
            file = await _BILLS[kind](tx, day)
        if file is None:
            raise SimulatorRefuses(reason="NO_STATEMENT_EXIST")
        return 200, {
            "hash_type": "SHA1",
            "hash_value": hashlib.sha1(file, usedforsecurity=False).hexdigest(),
            "download_url": f"{self._base}/v3/billdownload/file?token={kind}.{day.isoformat()}",
        }

    async def download(self, call: _Call) -> tuple[int, object]:
        """GET /v3/billdownload/file: only the merchant's signature opens it."""
        kind, _, day = call.query.get("token", "").partition(".")
        if kind not in _BILLS:
            raise SimulatorRefuses(reason="NOT_FOUND")
        async with self._runtime.db.read(call.shop) as tx:
            return 200, await _BILLS[kind](tx, date.fromisoformat(day))

    async def certificates(self, _call: _Call) -> tuple[int, object]:
        """GET /v3/certificates."""
        keys = await simulator_keys(self._runtime)
        now = wall_now()
        return 200, {
            "data": [
                {
                    "serial_no": one.serial,
                    "effective_time": bodies.china(now.replace(year=now.year - 1, day=1)),
                    "expire_time": bodies.china(now.replace(year=now.year + 4, day=1)),
                    "encrypt_certificate": bodies.sealed(keys, one.certificate.encode(), "certificate"),
                }
                for one in keys.platform
            ]
        }

    async def _page(self, scope: Scope, token: str, body: bytes, send: Send) -> None:
        query = parse_qs(bytes(scope.get("query_string", b"")).decode("latin-1"))
        back = self._way_back(next(iter(query.get("redirect_url", [])), ""))
        asked = next(iter(query.get("lang", [])), None)
        chosen = language(asked, _header(scope, b"accept-language"))
        try:
            if scope["method"] == "POST":
                await self._payments.pay(token, late=b"late=1" in body)
                await _answer(send, 303, b"", {"location": back})
                return
            page = await self._payments.page(token)
        except PayPageUnknown as error:
            await _answer(send, 404, error.title.encode(), {"content-type": "text/plain; charset=utf-8"})
            return
        headers = {
            "content-type": "text/html; charset=utf-8",
            "cache-control": "no-store",
            "content-language": chosen,
            "vary": "accept-language",
        }
        await _answer(send, 200, render(page, return_url=back, lang=chosen).encode(), headers)

    def _way_back(self, url: str) -> str:
        """Where the buyer goes from the page: a path of our own, whatever the address says."""
        ours = urlsplit(url).netloc in {"", urlsplit(self._public).netloc} if url.isascii() else False
        path = url.removeprefix(self._public) if ours else ""
        return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/shop/"

    async def _switch(self, scope: Scope, body: bytes, send: Send) -> None:
        if (scope.get("client") or ("",))[0] not in {"127.0.0.1", "::1", "testclient"}:
            await _answer(send, 403, b"")
            return
        if scope["method"] == "POST":
            try:
                wanted = msgspec.json.decode(body, type=_Switches)
            except msgspec.MsgspecError as error:
                await _answer(send, 422, str(error).encode())
                return
            await simulator_faults.switch(self._runtime, wanted.faults)
            if wanted.rotate:
                await rotate(self._runtime)
        async with self._runtime.db.read() as tx:
            faults = await simulator_faults.current(tx)
        await _answer(send, 200, msgspec.json.encode(faults), {"content-type": "application/json"})


_BILLS = {"tradebill": trade_bill, "fundflowbill": fund_bill}
_TRADE = r"/v3/pay/transactions/out-trade-no/(\d{6,19})"
_REFUNDS = "/v3/refund/domestic/refunds"
_ROUTES: list[tuple[re.Pattern[str], Callable[..., Awaitable[tuple[int, object]]]]] = [
    (re.compile(r"POST /v3/pay/transactions/(h5|native|jsapi)"), SimulatorApp.announce),
    (re.compile(rf"GET {_TRADE}"), SimulatorApp.look),
    (re.compile(rf"POST {_TRADE}/close"), SimulatorApp.close),
    (re.compile(rf"POST {_REFUNDS}"), SimulatorApp.refund),
    (re.compile(rf"GET {_REFUNDS}/([\w|*@-]{{1,64}})"), SimulatorApp.look_refund),
    (re.compile(r"GET /v3/bill/(?:tradebill|fundflowbill)"), SimulatorApp.bill),
    (re.compile(r"GET /v3/billdownload/file"), SimulatorApp.download),
    (re.compile(r"GET /v3/certificates"), SimulatorApp.certificates),
]


def _check(call: _Call, mchid: str, appid: str, currency: str) -> None:
    if mchid != call.mchid:
        raise SimulatorRefuses(reason="MCH_NOT_EXISTS")
    if appid != APPID:
        raise SimulatorRefuses(reason="APPID_MCHID_NOT_MATCH")
    if currency != "CNY":
        raise SimulatorRefuses(reason="PARAM_ERROR")


def _number(text: str) -> PaymentId:
    if int(text) > INT63_MAX:
        raise SimulatorRefuses(reason="PARAM_ERROR")
    return PaymentId(int(text))


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


async def _body(receive: Receive) -> bytes | None:
    """The whole body; nothing when it is too long."""
    chunks = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        chunks += message.get("body", b"")
        if len(chunks) > BODY_MAX:
            return None
        if not message.get("more_body"):
            return bytes(chunks)


async def _answer(send: Send, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
    lines = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    lines.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})
