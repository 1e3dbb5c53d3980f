"""Clients nobody here wrote, their code untouched, over TLS through `sdk-proxy` and a real HTTP server."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import certifi
import pytest
import requests
import wechatpy
from wechatpy.client.api import WeChatWxa
from wechatpy.exceptions import WeChatClientException

from liveshelf.adapters.storage import FolderStorage, Storage
from liveshelf.customers import service as customers
from liveshelf.entry.commands.sdk_proxy import variables
from liveshelf.entry.sdkproxy import SdkProxy, make_certificates
from liveshelf.facades.wechat.router import WireApp
from liveshelf.kernel.actors import SYSTEM
from liveshelf.platform.runtime import Runtime
from liveshelf.shops import service
from liveshelf.shops.types import FaultDraft, FaultKind
from tests.make.goods import MACHINE_PASS, PASS
from tests.make.pictures import jpeg
from tests.make.server import served
from tests.make.shops import MadeShop, a_shop
from tests.make.wire import ADD, DELETE, LIST, STORED, SUBMIT, UPDATE, WITHDRAW, decided

BASE = "https://api.weixin.qq.com"


@dataclass
class Outside:
    """What software outside sees: the variables to run with, and the shop's credential."""

    made: MadeShop
    environ: dict[str, str]
    url: str


@pytest.fixture
async def outside(runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Outside]:
    runtime.provide(Storage, FolderStorage(tmp_path / "media"))
    certificates = make_certificates()
    ca_file = tmp_path / "ca.pem"
    ca_file.write_bytes(certificates.authority)
    async with WireApp(runtime).running() as app, served(app) as url:
        port = int(url.rsplit(":", 1)[1])
        async with SdkProxy("127.0.0.1", port, certificates).running() as proxy:
            environ = variables(proxy, ca_file)
            for name, value in environ.items():
                monkeypatch.setenv(name, value)
            for name in ("NO_PROXY", "no_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
                monkeypatch.delenv(name, raising=False)
            yield Outside(await a_shop(runtime.db), environ, url)


async def run(work: Callable[[], Any]) -> Any:
    """Run an SDK's blocking call beside the server."""
    return await asyncio.wait_for(asyncio.to_thread(work), 60)


def client_of(made: MadeShop) -> wechatpy.WeChatClient:
    return wechatpy.WeChatClient(made.appid, made.secret)


@pytest.mark.feature("A-101")
@pytest.mark.feature("A-107")
async def test_wechatpy_takes_a_goods_through_its_whole_life(outside: Outside, runtime: Runtime):
    client = client_of(outside.made)
    picture = io.BytesIO(jpeg())
    media_id = (await run(lambda: client.media.upload("image", picture)))["media_id"]
    assert (await run(lambda: client.media.download(media_id))).headers["Content-Type"] == "image/jpeg"
    info = {
        "coverImgUrl": media_id,
        "name": "青瓷茶盏",
        "priceType": 3,
        "price": "128.00",
        "price2": 99.5,
        "url": "pages/a?id=1",
    }
    added = await run(lambda: client.post(BASE + ADD, data={"goodsInfo": info}))
    goods_id = added["goodsId"]
    withdraw = {"goodsId": goods_id, "auditId": added["auditId"]}
    assert (await run(lambda: client.post(BASE + WITHDRAW, data=withdraw)))["errcode"] == 0
    change = {"goodsInfo": {"goodsId": goods_id, "name": "白瓷茶盏"}}
    assert (await run(lambda: client.post(BASE + UPDATE, data=change)))["errcode"] == 0
    audit_id = (await run(lambda: client.post(BASE + SUBMIT, data={"goodsId": goods_id})))["auditId"]
    for verdict in (MACHINE_PASS, PASS):
        await decided(runtime, outside.made.shop, audit_id, verdict)
    listed = await run(lambda: client.get(BASE + LIST, params={"status": 2, "offset": 0, "limit": 30}))
    assert [(one["goodsId"], one["price"], one["price2"], one["name"]) for one in listed["goods"]] == [
        (goods_id, 128, 99.5, "白瓷茶盏")
    ]
    stored = await run(lambda: client.post(BASE + STORED, data={"goods_ids": [goods_id]}))
    assert stored["goods"][0]["audit_status"] == 2
    assert (await run(lambda: client.post(BASE + DELETE, data={"goodsId": goods_id})))["errcode"] == 0
    with pytest.raises(WeChatClientException, match="1003"):
        await run(lambda: client.post(BASE + DELETE, data={"goodsId": goods_id}))


@pytest.mark.feature("A-105")
async def test_wechatpy_fetches_a_new_token_when_its_own_was_superseded(outside: Outside, runtime: Runtime):
    client = client_of(outside.made)
    assert (await run(lambda: client.get(BASE + LIST, params={"status": 2})))["goods"] == []
    before = client.access_token
    # Somebody else asked for tokens meanwhile, and the overlap is over.
    client.session.set(f"{outside.made.appid}_access_token", "x" * 60, 7_000)
    client.expires_at = int(time.time()) + 7_000
    assert (await run(lambda: client.get(BASE + LIST, params={"status": 2})))["errcode"] == 0
    assert client.access_token not in {before, "x" * 60}


async def test_wechatpy_logs_a_buyer_in_by_a_code_that_works_once(outside: Outside, runtime: Runtime):
    made = outside.made

    async def a_code(tx) -> str:
        customer, _ = await customers.make_guest(tx)
        return (await customers.mint_code(tx, customer.customer_id)).code

    code = await runtime.db.write(SYSTEM, made.shop, a_code)
    wxa = WeChatWxa(client_of(made))
    session = await run(lambda: wxa.code_to_session(code))
    assert session["openid"]
    assert session["session_key"]
    with pytest.raises(WeChatClientException) as refused:
        await run(lambda: wxa.code_to_session(code))
    assert refused.value.errcode == 40163


async def test_a_lost_answer_looks_like_a_broken_connection_and_the_work_is_done(outside: Outside, runtime: Runtime):
    client = client_of(outside.made)
    media_id = (await run(lambda: client.media.upload("image", io.BytesIO(jpeg()))))["media_id"]
    fault = FaultDraft("goods.add", FaultKind.LOST, remaining=1)
    await runtime.db.write(SYSTEM, outside.made.shop, lambda tx: service.add_fault(tx, outside.made.appid, fault))
    await asyncio.sleep(1.1)
    info = {"coverImgUrl": media_id, "name": "青瓷茶盏", "priceType": 1, "price": 1, "url": "pages/a"}
    with pytest.raises((WeChatClientException, requests.RequestException)):
        await run(lambda: client.post(BASE + ADD, data={"goodsInfo": info}))
    assert (await run(lambda: client.get(BASE + LIST, params={"status": 1})))["total"] == 1


async def test_the_proxy_reaches_one_host_and_nothing_else(outside: Outside):
    proxies = {"https": outside.environ["HTTPS_PROXY"], "http": outside.environ["HTTPS_PROXY"]}
    ca_file = outside.environ["REQUESTS_CA_BUNDLE"]
    with pytest.raises(requests.exceptions.ProxyError):
        await run(lambda: requests.get("https://example.com/", proxies=proxies, verify=ca_file, timeout=5))
    refused = await run(lambda: requests.get("http://127.0.0.1:1/", proxies=proxies, timeout=5))
    assert refused.status_code == 403
    with pytest.raises(requests.exceptions.SSLError):
        await run(
            lambda: requests.get("https://api.weixin.qq.com/", proxies=proxies, verify=certifi.where(), timeout=5)
        )


async def test_the_command_runs_a_program_with_the_variables_set(outside: Outside, tmp_path: Path):
    program = (
        "import os; print(os.environ['HTTPS_PROXY'].startswith('http://127.0.0.1:'), os.environ['REQUESTS_CA_BUNDLE'])"
    )
    command = [sys.executable, "-m", "liveshelf.entry.cli", "--data", str(tmp_path), "sdk-proxy", "--to", outside.url]
    done = await run(
        lambda: subprocess.run(
            [*command, "--", sys.executable, "-c", program], capture_output=True, text=True, check=False
        )
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True", str(tmp_path / "sdk-proxy-ca.pem")]
