"""The simulator under a client that nobody here wrote: the library that merchants use with WeChat Pay itself."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
import wechatpayv3
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from liveshelf.adapters.payments import simulator_bodies as bodies
from liveshelf.adapters.payments.merchants import APPID, simulated_number
from liveshelf.adapters.payments.simulator import SimulatedPayments
from liveshelf.adapters.payments.simulator_app import SimulatorApp
from liveshelf.adapters.payments.simulator_keys import SIMULATOR_PATH, simulator_keys
from liveshelf.kernel.ids import ShopId
from liveshelf.kernel.time import CHINA
from liveshelf.platform.runtime import Runtime
from tests.make.paying import Till, till_of
from tests.make.server import served

SHOP = ShopId(7)


@pytest.fixture
def till(runtime: Runtime) -> Till:
    made = till_of(runtime)
    made.wire.up = False
    return made


async def sdk(runtime: Runtime, url: str) -> Any:
    keys = await simulator_keys(runtime)
    public = bodies.private_key(keys.platform[-1].key).public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    client = wechatpayv3.WeChatPay(
        wechatpay_type=wechatpayv3.WeChatPayType.NATIVE,
        mchid=simulated_number(SHOP),
        private_key=keys.merchant_key,
        cert_serial_no=keys.merchant_serial,
        apiv3_key=keys.apiv3_key,
        appid=APPID,
        notify_url=f"http://127.0.0.1:8000/v1/payments/simulator/notify/{simulated_number(SHOP)}",
        public_key=pem,
        public_key_id=keys.platform[-1].serial,
    )
    client._core._gate_way = url + SIMULATOR_PATH  # it knows one address only
    return client


async def test_its_whole_journey_works(till: Till):
    async with served(SimulatorApp(till.runtime)) as url:
        client = await sdk(till.runtime, url)
        assert isinstance(client, wechatpayv3.WeChatPay)

        async def call(name: str, **args: Any) -> tuple[int, Any]:
            status, text = await asyncio.to_thread(getattr(client, name), **args)
            return status, json.loads(text) if text else None

        status, told = await call("pay", description="青瓷", out_trade_no="7000001", amount={"total": 9_950})
        assert status == 200
        token = told["code_url"].partition("?")[0].rsplit("/", 1)[-1]
        status, told = await call("query", out_trade_no="7000001")
        assert (status, told["trade_state"]) == (200, "NOTPAY")
        await SimulatedPayments(till.runtime).pay(token)
        status, told = await call("query", out_trade_no="7000001")
        assert (told["trade_state"], told["amount"]["total"]) == ("SUCCESS", 9_950)
        headers, body = till.wire.sent[-1]
        notice = await asyncio.to_thread(client.callback, headers=headers, body=body)
        assert notice["resource"]["out_trade_no"] == "7000001"
        assert await asyncio.to_thread(client.callback, headers=headers, body=body + b" ") is None
        status, told = await call(
            "refund",
            out_trade_no="7000001",
            out_refund_no="R1",
            amount={"refund": 50, "total": 9_950, "currency": "CNY"},
        )
        assert (status, told["status"]) == (200, "SUCCESS")
        status, told = await call("query_refund", out_refund_no="R1")
        assert told["amount"]["refund"] == 50
        status, _ = await call("close", out_trade_no="7000001")
        assert status == 400
        day = till.runtime.clock.now().astimezone(CHINA).date().isoformat()
        status, told = await call("trade_bill", bill_date=day)
        assert told["download_url"].startswith("http://")
        status, told = await call("fundflow_bill", bill_date=day)
        assert (status, told["hash_type"]) == (200, "SHA1")


async def test_a_wrong_key_is_told_so(till: Till):
    async with served(SimulatorApp(till.runtime)) as url:
        client = await sdk(till.runtime, url)
        keys = await simulator_keys(till.runtime)
        client._core._private_key = bodies.private_key(replace(keys).platform[-1].key)
        status, text = await asyncio.to_thread(client.query, out_trade_no="7000001")
        assert (status, json.loads(text)["code"]) == (401, "SIGN_ERROR")
