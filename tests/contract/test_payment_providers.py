"""What the payment adapter promises behind the port. It is run against the simulator, which speaks WeChat Pay's
protocol; against WeChat Pay itself nothing was run.
"""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from liveshelf.adapters.payments import simulator_bodies as bodies
from liveshelf.adapters.payments import simulator_faults, simulator_keys
from liveshelf.adapters.payments.merchants import APPID, simulated_number, simulated_shop
from liveshelf.adapters.payments.port import (
    NoticeRefused,
    PayWay,
    ProviderRefused,
    ProviderState,
    ProviderUnavailable,
    RefundStanding,
    Scene,
)
from liveshelf.adapters.payments.simulator import PayPageUnknown, token_of
from liveshelf.adapters.payments.simulator_faults import Faults
from liveshelf.kernel.ids import PaymentId, ShopId
from liveshelf.kernel.time import china_day
from liveshelf.platform.clock import Clock, wall_now
from liveshelf.platform.outbound import Answer
from liveshelf.platform.runtime import Runtime
from tests.make.paying import Till, charge, refund_order, till_of

SHOP = ShopId(7)
MERCHANT = simulated_number(SHOP)
PAYMENT = PaymentId(7_000_000)


@pytest.fixture
def till(runtime: Runtime) -> Till:
    made = till_of(runtime)
    made.wire.up = False  # the suite looks at the provider alone
    return made


async def paid(till: Till) -> tuple[dict[str, str], bytes]:
    way = await till.provider.prepare(charge(SHOP, till))
    await till.simulator.pay(token_of(way.url))
    return till.wire.sent[-1]


async def test_announcing_twice_leads_to_one_page(till: Till):
    first = await till.provider.prepare(charge(SHOP, till))
    assert await till.provider.prepare(charge(SHOP, till)) == first
    assert (await till.provider.query(MERCHANT, PAYMENT)).state is ProviderState.WAITING
    with pytest.raises(ProviderRefused):
        await till.provider.prepare(charge(SHOP, till, amount_fen=1))


async def test_each_scene_is_paid_in_its_own_way(till: Till):
    ways: list[PayWay] = []
    for number, scene in enumerate(Scene):
        facts = {"scene": scene, "payer_openid": "o-1", "payer_address": "203.0.113.9"}
        ways.append(await till.provider.prepare(charge(SHOP, till, 8_000_000 + number, **facts)))
    h5, native, jsapi = ways
    assert h5.url.startswith("/simulator/pay/")  # an address of our own is a path
    assert "redirect_url=http%3A%2F%2F127.0.0.1%3A8000%2Fshop%2F1%2Forders%2F1" in h5.url
    assert native.code_url.startswith("http://127.0.0.1:8000/simulator/pay/")
    assert set(jsapi.jsapi) == {"appId", "timeStamp", "nonceStr", "package", "signType", "paySign"}
    signed = [jsapi.jsapi[name] for name in ("appId", "timeStamp", "nonceStr", "package")]
    text = "".join(f"{line}\n" for line in signed)
    keys = await simulator_keys.simulator_keys(till.runtime)
    assert bodies.signed_by_merchant(keys, text, jsapi.jsapi["paySign"])
    with pytest.raises(ProviderRefused):
        await till.provider.prepare(charge(SHOP, till, 8_000_009, scene=Scene.JSAPI))


async def test_pressing_twice_pays_once(till: Till):
    token = token_of((await till.provider.prepare(charge(SHOP, till))).url)
    pages = [await till.simulator.pay(token) for _ in range(2)]
    assert [(page.state, page.open) for page in pages] == [(ProviderState.PAID, False)] * 2
    assert len(till.wire.sent) == 1
    status = await till.provider.query(MERCHANT, PAYMENT)
    assert status.receipt is not None
    assert (status.state, status.receipt.amount_fen, status.receipt.currency) == (ProviderState.PAID, 12_800, "CNY")


async def test_a_notice_says_what_was_paid_and_is_the_same_when_repeated(till: Till):
    headers, body = await paid(till)
    notice = await till.provider.verify(MERCHANT, headers, body)
    assert notice.receipt is not None
    assert (notice.shop, notice.receipt.payment_id, notice.receipt.amount_fen) == (SHOP, PAYMENT, 12_800)
    assert await till.provider.read(MERCHANT, body) == notice
    assert b"12800" not in body  # it travels encrypted
    with pytest.raises(NoticeRefused):
        await till.provider.verify(simulated_number(ShopId(8)), headers, body)


Letter = tuple[dict[str, str], bytes]


def damaged(keys: simulator_keys.SimulatorKeys, letter: Letter) -> dict[str, Letter]:
    """A true letter, spoilt in each way."""
    headers, body = letter
    thief = simulator_keys._platform_key()
    disguised = msgspec.structs.replace(thief, serial=keys.platform[0].serial)
    spoilt = {
        "no signature": {"wechatpay-signature": ""},
        "odd signature": {"wechatpay-signature": "é"},
        "no nonce": {"wechatpay-nonce": ""},
        "no time": {"wechatpay-timestamp": ""},
        "odd time": {"wechatpay-timestamp": "²"},
        "scheme": {"wechatpay-signature-type": "WECHATPAY2-SM2-WITH-SM3"},
        "odd serial": {"wechatpay-serial": "zz"},
    }
    return {
        **{name: ({**headers, **change}, body) for name, change in spoilt.items()},
        "body": (headers, body.replace(b"TRANSACTION", b"transaction")),
        "other key": (bodies.signed(keys, body, by=disguised), body),
        "other serial": (bodies.signed(keys, body, by=thief), body),
        "stale": (bodies.signed(keys, body, wall_now() - timedelta(minutes=6)), body),
        "early": (bodies.signed(keys, body, wall_now() + timedelta(minutes=6)), body),
    }


async def test_a_forged_or_stale_notice_is_refused(till: Till):
    letter = await paid(till)
    believed = []
    for name, (headers, body) in damaged(await simulator_keys.simulator_keys(till.runtime), letter).items():
        try:
            await till.provider.verify(MERCHANT, headers, body)
            believed.append(name)
        except NoticeRefused:
            pass
    assert believed == []


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"\xff", b'{"id": 1}'])
async def test_a_signed_text_that_is_no_notice_is_refused(till: Till, body: bytes):
    with pytest.raises(NoticeRefused):
        await till.provider.verify(MERCHANT, await till.signed(body), body)


async def test_what_is_encrypted_for_another_is_refused(till: Till):
    await till.provider.prepare(charge(SHOP, till))
    keys = await simulator_keys.simulator_keys(till.runtime)
    row = await till.simulator.row(SHOP, PAYMENT)
    assert row is not None
    told = bodies.transaction(row, mchid=simulated_number(ShopId(8)), appid=APPID)
    for resource in (told, {"mchid": MERCHANT, "trade_state": "SUCCESS", "out_trade_no": "7"}, {}):
        body = bodies.envelope(keys, 1, "TRANSACTION.SUCCESS", resource)
        with pytest.raises(NoticeRefused):
            await till.provider.verify(MERCHANT, bodies.signed(keys, body), body)


async def test_new_platform_keys_are_looked_for_once_a_notice_names_them(till: Till, monkeypatch):
    headers, body = await paid(till)
    await till.provider.verify(MERCHANT, headers, body)
    await simulator_keys.rotate(till.runtime)
    monkeypatch.setattr("liveshelf.adapters.payments.v3.CERTIFICATES_AGAIN_S", 0.0)
    notice = await till.provider.verify(MERCHANT, await till.signed(body), body)
    assert notice.receipt is not None
    assert till.wire.calls.count("GET /v3/certificates") == 2


async def test_unknown_signers_do_not_make_us_ask_again_and_again(till: Till):
    headers, body = await paid(till)
    for number in range(5):
        with pytest.raises(NoticeRefused):
            await till.provider.verify(MERCHANT, {**headers, "wechatpay-serial": f"AB{number}"}, body)
    assert till.wire.calls.count("GET /v3/certificates") == 1


async def test_an_answer_that_nobody_signed_is_no_answer(till: Till, monkeypatch):
    await till.provider.prepare(charge(SHOP, till))
    real = till.wire.request

    async def liar(method: str, url: str, body: bytes = b"", headers=None, *, most=None) -> Answer:
        answer = await real(method, url, body, headers, most=most)
        return Answer(answer.status, answer.headers, answer.body.replace(b"NOTPAY", b"CLOSED"))

    monkeypatch.setattr(till.wire, "request", liar)
    with pytest.raises(ProviderUnavailable):
        await till.provider.query(MERCHANT, PAYMENT)


async def test_a_call_that_the_merchant_did_not_sign_is_refused(till: Till):
    async def status(headers: dict[str, str]) -> int:
        url = f"http://127.0.0.1:8000/simulator/v3/pay/transactions/out-trade-no/{PAYMENT}?mchid={MERCHANT}"
        return (await till.wire.request("GET", url, b"", headers)).status

    await till.provider.prepare(charge(SHOP, till))
    assert await status({}) == 401
    assert await status({"authorization": 'WECHATPAY2-SHA256-RSA2048 mchid="1"'}) == 401


async def test_what_is_closed_can_not_be_paid_and_what_is_paid_not_closed(till: Till):
    way = await till.provider.prepare(charge(SHOP, till))
    assert (await till.provider.close(MERCHANT, PAYMENT)).state is ProviderState.CLOSED
    assert (await till.provider.close(MERCHANT, PAYMENT)).state is ProviderState.CLOSED
    assert (await till.simulator.pay(token_of(way.url))).state is ProviderState.CLOSED
    other = PaymentId(8_000_000)
    way = await till.provider.prepare(charge(SHOP, till, other))
    await till.simulator.pay(token_of(way.url))
    assert (await till.provider.close(MERCHANT, other)).state is ProviderState.PAID


async def test_time_closes_the_page_but_a_slow_bank_may_still_pay(till: Till, clock: Clock):
    token = token_of((await till.provider.prepare(charge(SHOP, till))).url)
    clock.set_offset(timedelta(minutes=16))
    page = await till.simulator.pay(token)
    assert (page.state, page.open) == (ProviderState.WAITING, False)
    assert (await till.simulator.pay(token, late=True)).state is ProviderState.PAID


async def test_a_refund_is_sent_once_in_parts_and_leaves_the_receipt(till: Till):
    await paid(till)
    for number, amount in (("R7", 2_800), ("R7", 2_800), ("R8", 10_000)):
        status = await till.provider.refund(refund_order(SHOP, number, amount))
        assert status.standing is RefundStanding.SUCCESS
    stood = await till.provider.query(MERCHANT, PAYMENT)
    assert stood.state is ProviderState.REFUNDED
    assert stood.receipt is not None
    assert (await till.provider.query_refund(refund_order(SHOP, "R9", 1))).standing is RefundStanding.UNKNOWN
    told = [await till.provider.verify(MERCHANT, *one) for one in till.wire.sent[1:]]
    assert [(one.refund.number, one.refund.status.standing) for one in told if one.refund] == [
        ("R7", RefundStanding.SUCCESS),
        ("R8", RefundStanding.SUCCESS),
    ]


async def test_no_more_goes_back_than_was_paid_and_a_number_is_one_refund(till: Till):
    await till.provider.prepare(charge(SHOP, till))
    with pytest.raises(ProviderRefused):
        await till.provider.refund(refund_order(SHOP, "R7", 1))
    await paid(till)
    await till.provider.refund(refund_order(SHOP, "R7", 12_000))
    for number, amount in (("R8", 801), ("R7", 1), ("R 9", 1), ("R9", 0)):
        with pytest.raises(ProviderRefused):
            await till.provider.refund(refund_order(SHOP, number, amount))
    assert (await till.provider.query_refund(refund_order(SHOP, "R8", 801))).standing is RefundStanding.UNKNOWN


@pytest.mark.parametrize("result", ["success", "closed", "abnormal"])
async def test_a_refund_that_takes_its_time_ends_as_it_ends(till: Till, result, monkeypatch):
    await paid(till)
    await simulator_faults.switch(till.runtime, Faults(refund_delay_s=60, refund_result=result))
    order = refund_order(SHOP, "R7", 12_800)
    assert (await till.provider.refund(order)).standing is RefundStanding.PROCESSING
    for module in ("simulator", "simulator_notices"):
        monkeypatch.setattr(f"liveshelf.adapters.payments.{module}.wall_now", lambda: wall_now() + timedelta(minutes=2))
    assert (await till.provider.query_refund(order)).standing == RefundStanding(result)
    await simulator_faults.switch(till.runtime, Faults())
    again = refund_order(SHOP, "R7-2", 12_800)
    if result == "closed":
        assert (await till.provider.refund(again)).standing is RefundStanding.SUCCESS
    else:
        with pytest.raises(ProviderRefused):
            await till.provider.refund(again)


async def test_a_bill_is_fetched_whole_and_only_believed_as_it_was_hashed(till: Till, monkeypatch):
    await paid(till)
    await till.provider.refund(refund_order(SHOP, "R7", 2_800))
    day = china_day(till.runtime.clock.now())
    bill = await till.provider.trade_bill(MERCHANT, day)
    assert bill is not None
    text = bill.decode("utf-8-sig")
    assert f"`{PAYMENT}" in text
    assert "0.77000" in text  # 6 per mille of 128 yuan
    assert await till.provider.trade_bill(MERCHANT, day - timedelta(days=1)) is None

    funds = await till.provider.fund_bill(MERCHANT, day)
    assert funds is not None
    said = funds.decode("utf-8-sig").splitlines()
    assert said[0].startswith("记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元)")
    assert [line.split(",`")[4:7] for line in said[1:5]] == [
        ["交易", "收入", "128.00"],
        ["扣除交易手续费", "支出", "0.77"],
        ["退款", "支出", "28.00"],
        ["退还交易手续费", "收入", "0.17"],
    ]
    assert await till.provider.fund_bill(MERCHANT, day - timedelta(days=1)) is None

    real = till.wire.request

    async def spoilt(method: str, url: str, body: bytes = b"", headers=None, *, most=None) -> Answer:
        answer = await real(method, url, body, headers, most=most)
        return Answer(answer.status, answer.headers, answer.body.replace(b"128.00", b"129.00"))

    monkeypatch.setattr(till.wire, "request", spoilt)
    with pytest.raises(ProviderUnavailable):
        await till.provider.trade_bill(MERCHANT, day)
    with pytest.raises(ProviderUnavailable):
        await till.provider.fund_bill(MERCHANT, day)


async def test_a_provider_that_is_down_or_answers_nonsense_is_unavailable(till: Till, monkeypatch):
    await till.provider.prepare(charge(SHOP, till))
    await simulator_faults.switch(till.runtime, Faults(down=True))
    for call in (
        till.provider.query(MERCHANT, PAYMENT),
        till.provider.prepare(charge(SHOP, till)),
        till.provider.refund(refund_order(SHOP, "R7", 1)),
    ):
        with pytest.raises(ProviderUnavailable):
            await call


async def test_nobody_finds_a_page_by_guessing(till: Till):
    token = token_of((await till.provider.prepare(charge(SHOP, till))).url)
    payload, mac = token.split(".")
    for guess in ("", "x", f"{payload}.{mac[::-1]}", f"{mac}.{payload}", f"{payload}é.{mac}"):
        with pytest.raises(PayPageUnknown):
            await till.simulator.page(guess)
    assert (await till.provider.query(MERCHANT, PaymentId(404_404))).state is ProviderState.UNKNOWN


def test_a_merchant_number_leads_to_its_shop():
    for shop in (1, 7, 999_999_999, 2**40):
        assert simulated_shop(simulated_number(ShopId(shop))) == shop
    for text in ("", "9", "1900000109", "9000000007x", "90000000070000000000000", "²000000007", "9-00000007"):
        assert simulated_shop(text) is None
