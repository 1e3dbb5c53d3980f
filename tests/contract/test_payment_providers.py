"""What every payment provider promises behind the port; each adapter runs the whole suite."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from liveshelf.adapters.payments.port import NoticeRefused, ProviderRefused, ProviderState, RefundStanding
from liveshelf.adapters.payments.simulator import HEADER_SIGNATURE, HEADER_TIME, PayPageUnknown
from liveshelf.kernel.ids import PaymentId, ShopId
from liveshelf.platform.clock import Clock, wall_now
from liveshelf.platform.runtime import Runtime
from tests.make.paying import Till, charge, refund_order, till_of

SHOP = ShopId(7)
PAYMENT = PaymentId(7)


@pytest.fixture
def till(runtime: Runtime) -> Till:
    made = till_of(runtime)
    made.wire.up = False  # the suite looks at the provider alone
    return made


async def paid(till: Till) -> tuple[dict[str, str], bytes]:
    url = await till.simulator.prepare(charge(SHOP, till))
    await till.simulator.pay(url.rsplit("/", 1)[1])
    return till.wire.sent[-1]


async def test_announcing_twice_leads_to_one_page(till: Till):
    first = await till.simulator.prepare(charge(SHOP, till))
    assert await till.simulator.prepare(charge(SHOP, till)) == first
    assert (await till.simulator.query(SHOP, PAYMENT)).state is ProviderState.WAITING


async def test_pressing_twice_pays_once(till: Till):
    url = await till.simulator.prepare(charge(SHOP, till))
    token = url.rsplit("/", 1)[1]
    pages = [await till.simulator.pay(token) for _ in range(2)]
    assert [(page.state, page.open) for page in pages] == [(ProviderState.PAID, False)] * 2
    assert len(till.wire.sent) == 1
    status = await till.simulator.query(SHOP, PAYMENT)
    assert status.receipt is not None
    assert (status.state, status.receipt.amount_fen) == (ProviderState.PAID, 12_800)


async def test_a_notice_says_what_was_paid_and_is_the_same_when_repeated(till: Till):
    headers, body = await paid(till)
    notice = till.simulator.verify(headers, body)
    assert (notice.shop, notice.receipt.payment_id, notice.receipt.amount_fen) == (SHOP, PAYMENT, 12_800)
    await till.simulator.notify(SHOP, PAYMENT)
    assert till.simulator.verify(*till.wire.sent[-1]).notice_id == notice.notice_id


DAMAGES = ["amount", "currency", "no signature", "other key", "no time", "odd time", "stale", "early"]


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_forged_or_stale_notice_is_refused(till: Till, damage: str):
    headers, body = await paid(till)
    match damage:
        case "amount":
            body = body.replace(b"12800", b"12801")
        case "currency":
            body = body.replace(b"CNY", b"USD")
            headers = till.simulator.sign(body)
        case "no signature":
            del headers[HEADER_SIGNATURE]
        case "other key":
            headers[HEADER_SIGNATURE] = "ab" * 32
        case "no time":
            del headers[HEADER_TIME]
        case "odd time":
            headers[HEADER_TIME] = "²"
        case "stale":
            headers = till.simulator.sign(body, wall_now() - timedelta(minutes=6))
        case "early":
            headers = till.simulator.sign(body, wall_now() + timedelta(minutes=6))
    with pytest.raises(NoticeRefused):
        till.simulator.verify(headers, body)


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"\xff", b'{"notice_id": 1}'])
async def test_a_signed_text_that_is_no_notice_is_refused(till: Till, body: bytes):
    with pytest.raises(NoticeRefused):
        till.simulator.verify(till.simulator.sign(body), body)


async def test_what_is_closed_can_not_be_paid_and_what_is_paid_not_closed(till: Till):
    url = await till.simulator.prepare(charge(SHOP, till))
    assert (await till.simulator.close(SHOP, PAYMENT)).state is ProviderState.CLOSED
    assert (await till.simulator.pay(url.rsplit("/", 1)[1])).state is ProviderState.CLOSED
    url = await till.simulator.prepare(charge(SHOP, till, 8))
    await till.simulator.pay(url.rsplit("/", 1)[1])
    assert (await till.simulator.close(SHOP, PaymentId(8))).state is ProviderState.PAID


async def test_time_closes_the_page(till: Till, clock: Clock):
    url = await till.simulator.prepare(charge(SHOP, till))
    clock.set_offset(timedelta(minutes=16))
    page = await till.simulator.pay(url.rsplit("/", 1)[1])
    assert (page.state, page.open) == (ProviderState.WAITING, False)


async def test_a_refund_is_sent_once_in_parts_and_leaves_the_receipt(till: Till):
    await paid(till)
    for number, amount in (("R7", 2_800), ("R7", 2_800), ("R8", 10_000)):
        status = await till.simulator.refund(refund_order(SHOP, number, amount))
        assert status.standing is RefundStanding.SUCCESS
    stood = await till.simulator.query(SHOP, PAYMENT)
    assert stood.state is ProviderState.REFUNDED
    assert stood.receipt is not None
    assert (await till.simulator.query_refund(refund_order(SHOP, "R9", 1))).standing is RefundStanding.UNKNOWN


async def test_no_more_goes_back_than_was_paid(till: Till):
    await paid(till)
    await till.simulator.refund(refund_order(SHOP, "R7", 12_000))
    with pytest.raises(ProviderRefused):
        await till.simulator.refund(refund_order(SHOP, "R8", 801))
    assert (await till.simulator.query_refund(refund_order(SHOP, "R8", 801))).standing is RefundStanding.UNKNOWN


async def test_nobody_finds_a_page_by_guessing(till: Till):
    url = await till.simulator.prepare(charge(SHOP, till))
    payload, mac = url.rsplit("/", 1)[1].split(".")
    for token in ("", "x", f"{payload}.{mac[::-1]}", f"{mac}.{payload}", f"{payload}é.{mac}"):
        with pytest.raises(PayPageUnknown):
            await till.simulator.page(token)
    assert (await till.simulator.query(SHOP, PaymentId(404))).state is ProviderState.UNKNOWN


async def test_the_notice_is_plain_json(till: Till):
    _, body = await paid(till)
    told = msgspec.json.decode(body)
    assert (told["payment_id"], told["currency"]) == ("7", "CNY")
