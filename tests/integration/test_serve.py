"""`liveshelf serve` as an operator meets it: start, stop, start again, kill, refusals."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import stat
import time
from collections.abc import Iterator

import httpx
import psutil
import pytest

from tests.make.product import Product, installed

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with installed("--profile", "test", "--clock", "movable") as product:
        product.start()
        yield product


def _token(product: Product) -> str:
    wechat = product.demo["wechat"]
    query = f"grant_type=client_credential&appid={wechat['appid']}&secret={wechat['secret']}"
    return httpx.get(f"{product.url}/cgi-bin/token?{query}").json()["access_token"]


def _approved(product: Product) -> int:
    url = f"{product.url}/wxaapi/broadcast/goods/getapproved?access_token={_token(product)}&status=2&offset=0"
    return httpx.get(url).json()["total"]


def test_it_tells_where_to_go_and_keeps_the_secrets_to_its_user(product: Product):
    path = product.data / "demo.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told = product.demo
    assert told["base_url"] == product.url
    assert {account["role"] for account in told["console"]["accounts"]} >= {"owner", "operator", "anchor", "reviewer"}
    assert told["buyer"]["room_url"].startswith(product.url)
    assert _approved(product) >= 1


def test_what_serves_the_world_does_not_know_the_superuser(product: Product):
    assert product.process is not None
    family = psutil.Process(product.process.pid).children(recursive=True)
    serving = [child for child in family if "liveshelf.entry.process" in child.cmdline()]
    takes_pictures = {"ingest"} if shutil.which("ffmpeg") else set()
    assert {child.cmdline()[-2] for child in serving} == {"http", "gateway", "worker"} | takes_pictures
    for child in serving:
        assert child.environ().get("LIVESHELF_DATABASE_URL", "") == ""
    assert stat.S_IMODE((product.data / "app-database").stat().st_mode) == 0o600


def test_the_clock_moves_forward_and_only_forward(product: Product):
    moved = product.run("clock", "advance", "72h")
    assert moved.returncode == 0, moved.stderr
    assert "business time is now" in moved.stdout
    for wrong in ("0h", "-3h", "soon", "72"):
        assert product.run("clock", "advance", wrong).returncode != 0


def test_a_shop_is_made_with_its_owner_or_not_at_all(product: Product):
    made = json.loads(product.run("shop", "create", "新店", "--owner", "xin", "--json").stdout)
    sign_in = {"username": made["username"], "password": made["password"]}
    mine = httpx.post(f"{product.url}/v1/session", json=sign_in).json()["shops"]
    assert [(shop["shop_id"], shop["name"], shop["role"]) for shop in mine] == [(made["shop_id"], "新店", "owner")]
    refused = product.run("shop", "create", "又一家", "--owner", "xin")
    assert refused.returncode != 0
    assert "taken" in refused.stderr
    again = json.loads(product.run("shop", "create", "第三家", "--owner", "san", "--json").stdout)
    assert again["shop_id"] == made["shop_id"] + 1


def test_a_second_start_on_the_same_folder_is_refused(product: Product):
    other = Product(product.data, product.port + 100, product.arguments)
    refused = other.run("serve", "--port", str(other.port))
    assert refused.returncode != 0
    assert "another liveshelf is running" in refused.stderr


def test_a_taken_port_is_named(product: Product):
    with installed("--profile", "test") as other:
        refused = other.run("serve", "--port", str(product.port))
    assert refused.returncode != 0
    assert str(product.port) in refused.stderr


@pytest.mark.parametrize("host", ["::", "192.0.2.1"])
def test_test_modes_are_not_shown_to_the_network(host: str):
    with installed() as other:
        refused = other.run("serve", "--host", host)
    assert refused.returncode != 0
    assert "demo accounts" in refused.stderr
    assert "--expose-test-modes" in refused.stderr


def test_development_review_needs_simulated_payment():
    with installed() as other:
        refused = other.run("serve", "--no-demo", "--development-review")
    assert refused.returncode != 0
    assert "development review" in refused.stderr


def test_what_dies_is_started_again_and_ctrl_c_stops_all_of_it(product: Product):
    assert product.process is not None
    family = psutil.Process(product.process.pid).children(recursive=True)
    gateway = next(child for child in family if "gateway" in child.cmdline())
    gateway.kill()
    end = time.monotonic() + 20
    while not Product._ready(product.port + 1, "/healthz"):
        assert time.monotonic() < end
        time.sleep(0.1)
    family = psutil.Process(product.process.pid).children(recursive=True)
    before = {part: product.demo[part] for part in ("base_url", "wechat", "console")}
    assert product.stop(signal.SIGINT) == 0
    _, alive = psutil.wait_procs(family, timeout=5)
    assert alive == []
    product.start()
    assert {part: product.demo[part] for part in before} == before


def test_killed_at_any_moment_it_comes_back_with_everything(product: Product):
    assert product.process is not None
    approved = _approved(product)
    family = psutil.Process(product.process.pid).children(recursive=True)
    product.process.kill()
    product.process.wait()
    psutil.wait_procs(family, timeout=20)
    assert [child.pid for child in family if child.is_running() and child.status() != psutil.STATUS_ZOMBIE] == []
    product.start()
    assert _approved(product) == approved
    healthy = product.run("doctor")
    assert healthy.returncode == 0, healthy.stdout + healthy.stderr
    assert "ok    shop 1: the records of broadcasts are as they were signed" in healthy.stdout


def test_it_fits_into_half_a_gigabyte(product: Product):
    assert product.process is not None
    used = 0
    whole = psutil.Process(product.process.pid)
    for process in (whole, *whole.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):  # a worker of PostgreSQL's that ended meanwhile
            used += process.memory_full_info().pss
    if os.geteuid() == 0:  # others can't read PostgreSQL's figures when it runs as its own user
        assert used < 512 * 2**20, f"{used / 2**20:.0f} MB"
