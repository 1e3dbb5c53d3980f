"""The bus over PostgreSQL and over Valkey: one contract, each on its real server."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import ipaddress
import logging
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import asyncpg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from valkey.asyncio import Valkey

from liveshelf.entry.compose import bus_of
from liveshelf.flows import go_live, room_talk
from liveshelf.platform.fanout import Bus
from liveshelf.platform.idempotency import Once
from liveshelf.platform.settings import SettingInvalidError, read_settings
from liveshelf.rooms import service
from liveshelf.rooms.messages import Comment
from tests.gateway.test_streams import approved
from tests.integration.test_room_talk import buyer
from tests.make.gateways import eventually, relaying, served
from tests.make.rooms import ANCHOR, live_room
from tests.make.shops import a_shop
from tests.make.valkeys import PASSWORD, behind_tls, valkey_server

WITHIN_S = 5  # of the engine's return, pages show the truth


@dataclass
class Engine:
    """What carries the messages: a new bus over it, and how every connection to it is cut."""

    bus: Callable[[], Bus]
    cut: Callable[[], Awaitable[None]]


@pytest.fixture
async def valkey(tmp_path):
    async with valkey_server(tmp_path) as server:
        yield server


@pytest.fixture(params=["postgres", "valkey"])
async def engine(request, settings, admin_dsn, tmp_path):
    if request.param == "postgres":

        async def cut() -> None:
            admin = await asyncpg.connect(admin_dsn)
            await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
            await admin.close()

        yield Engine(lambda: bus_of(settings), cut)
        return
    async with valkey_server(tmp_path) as server, Valkey.from_url(server.url) as admin:

        async def cut() -> None:
            await admin.execute_command("CLIENT", "KILL", "SKIPME", "yes")

        own = replace(settings, bus_url=server.url)
        yield Engine(lambda: bus_of(own), cut)


async def test_a_message_is_heard_in_every_process_in_order_and_by_whom_it_is_for(engine):
    async with engine.bus().running() as left, engine.bus().running() as right:
        heard: dict[str, list[str]] = {"left": [], "right": [], "twice": [], "other": []}
        await left.subscribe("tea", heard["left"].append)
        await right.subscribe("tea", heard["right"].append)
        await right.subscribe("tea", heard["twice"].append)
        await right.subscribe("cups", heard["other"].append)
        said = [*(str(n) for n in range(50)), "青瓷" * 1000, ""]
        await left.publish([])
        await left.publish([("tea", text) for text in said])
        await asyncio.gather(*(left.publish([("cups", str(n))]) for n in range(20)))
        await eventually(lambda: len(heard["right"]) == len(said) and len(heard["other"]) == 20)
        await eventually(lambda: heard["left"] == heard["right"] == heard["twice"] == said)
        await right.unsubscribe("tea", heard["right"].append)
        await right.unsubscribe("nobody", heard["right"].append)
        await left.publish([("tea", "last")])
        await eventually(lambda: heard["left"][-1] == heard["twice"][-1] == "last")
        assert heard["right"][-1] == ""
        assert await left.answers()


async def test_whoever_loses_the_connection_hears_again_and_is_told_of_the_gap(engine):
    async with engine.bus().running() as bus:
        heard: list[str] = []
        gaps: list[bool] = []
        await bus.subscribe("tea", heard.append)
        bus.on_gap(lambda: gaps.append(bus.is_up))
        await bus.publish([("tea", "before")])
        await eventually(lambda: heard == ["before"])
        assert gaps == []
        await engine.cut()
        await eventually(lambda: bool(gaps), within_s=WITHIN_S)
        assert gaps[0] is True
        await bus.subscribe("cups", heard.append)
        async with asyncio.timeout(WITHIN_S):
            while "after" not in heard or "more" not in heard:
                with contextlib.suppress(*bus.lost_by):
                    await bus.publish([("tea", "after"), ("cups", "more")])
                await asyncio.sleep(0.05)


async def test_a_push_reaches_the_viewers_of_two_gateway_processes(engine, runtime, db):
    shop = (await a_shop(db)).shop
    (goods_id,) = await approved(db, shop)
    room_id = await live_room(db, shop, [goods_id])
    async with (
        engine.bus().running() as worker,
        engine.bus().running() as one,
        engine.bus().running() as other,
        relaying(replace(runtime, bus=worker)),
        served(replace(runtime, bus=one)) as left,
        served(replace(runtime, bus=other)) as right,
        left.page(shop, room_id) as here,
        right.page(shop, room_id, viewer="c2") as there,
    ):
        await db.write(ANCHOR, shop, lambda tx: service.push(tx, room_id, goods_id))
        assert await here.until("room", within_s=1) == await there.until("room", within_s=1)


async def test_the_shop_goes_on_without_valkey_and_pages_show_the_truth_when_it_is_back(valkey, runtime, db, settings):
    shop = (await a_shop(db)).shop
    room_id = await live_room(db, shop)
    own = replace(settings, bus_url=valkey.url)

    async def say(text: str) -> None:
        once, who = Once("rooms.comment", text, text, Comment), await buyer(db, shop)
        await room_talk.comment(replace(runtime, bus=http), who, room_id, text=text, once=once)

    async with (
        bus_of(own).running() as http,
        bus_of(own).running() as gateway,
        relaying(replace(runtime, bus=http)),
        served(replace(runtime, bus=gateway)) as at,
        at.page(shop, room_id) as page,
    ):
        await say("在吗")
        await page.until("comments", within_s=1)
        await valkey.kill()
        await db.write(ANCHOR, shop, lambda tx: go_live.pause(tx, room_id))
        async with asyncio.timeout(2):
            await say("多少钱")
        assert not await http.answers()
        await page.until("room", within_s=WITHIN_S)
        await page.until("comments", 2, within_s=WITHIN_S)  # the gateway looks by itself while it hears nothing
        await valkey.start()
        await eventually(lambda: gateway.is_up and http.is_up, within_s=WITHIN_S)
        await db.write(ANCHOR, shop, lambda tx: go_live.resume(tx, room_id))
        await say("有货吗")
        await page.until("room", 2, within_s=WITHIN_S)
        await page.until("comments", 3, within_s=WITHIN_S)
        texts = [item["text"] for one in page.of("comments") for item in one["items"]]
        assert texts == ["在吗", "多少钱", "有货吗"]
        assert await http.answers()


async def test_what_only_the_publisher_could_not_send_is_made_good(valkey, settings):
    own = replace(settings, bus_url=valkey.url)
    async with bus_of(own).running() as sender, bus_of(own).running() as hearer:
        gaps: list[bool] = []
        hearer.on_gap(lambda: gaps.append(hearer.is_up))
        async with Valkey.from_url(valkey.url) as admin:
            await sender.publish([("tea", "")])
            await admin.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            await sender.publish([("tea", "lost with the connection")])
            await eventually(lambda: bool(gaps), within_s=WITHIN_S)


async def test_a_process_starts_without_valkey_and_finds_it_later(valkey, settings):
    await valkey.kill()
    async with bus_of(replace(settings, bus_url=valkey.url)).running() as bus:
        heard: list[str] = []
        gaps: list[bool] = []
        bus.on_gap(lambda: gaps.append(bus.is_up))
        await bus.subscribe("tea", heard.append)
        await bus.publish([("tea", "nobody hears this")])
        assert not bus.is_up
        await valkey.start()
        await eventually(lambda: bool(gaps) and bus.is_up, within_s=WITHIN_S)
        await eventually(lambda: len(gaps) == 2, within_s=WITHIN_S)  # its own, and the one that is owed to all
        await bus.publish([("tea", "this")])
        await eventually(lambda: heard == ["this"])


async def test_a_wrong_password_says_so_and_is_in_no_log(valkey, settings, capsys, caplog):
    caplog.set_level(logging.DEBUG)
    wrong = valkey.url.replace(PASSWORD, "pu-erh-1999")
    async with bus_of(replace(settings, bus_url=wrong)).running() as bus:
        assert not bus.is_up
    printed = capsys.readouterr()
    said = printed.out + printed.err + caplog.text
    assert "bus_lost" in said
    assert "pu-erh" not in said


async def test_tls_is_spoken_and_the_other_side_is_checked(valkey, settings, tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "valkey")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = tmp_path / "valkey.pem", tmp_path / "valkey.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    async with behind_tls(valkey.port, context) as port:
        url = f"valkeys://:{PASSWORD}@127.0.0.1:{port}/3"
        async with bus_of(replace(settings, bus_url=f"{url}?ssl_ca_certs={certificate}")).running() as bus:
            assert await bus.answers()
        async with bus_of(replace(settings, bus_url=url)).running() as bus:
            assert not bus.is_up, "nobody vouches for this certificate"


@pytest.mark.parametrize(
    "url", ["http://:geheim@h", "valkey://", "valkey://:geheim@h:port", "geheim", "unix:///geheim"]
)
def test_an_address_that_is_none_is_refused_and_not_repeated(url):
    with pytest.raises(SettingInvalidError) as refused:
        read_settings({"LIVESHELF_BUS_URL": url})
    assert "LIVESHELF_BUS_URL" in str(refused.value)
    assert "geheim" not in str(refused.value)
