"""After-sales as buyers and shops live it: money, goods, talk, and the platform's word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text

from liveshelf.accounts import service as accounts
from liveshelf.accounts.types import Role
from liveshelf.aftersales import applying, arbitration, granting, queries, rules, service, setup
from liveshelf.aftersales.errors import (
    AmountInvalid,
    ArbiterNotIndependent,
    ArbiterNotYet,
    CaseStateRefuses,
    CaseUnknown,
    EvidenceInvalid,
    EvidenceNeeded,
    FlowChanged,
    KindNotPossible,
    LinesInvalid,
    LogFull,
    NothingLeft,
    OfferMissing,
    OfferTooHigh,
    OrderNotCovered,
    PromiseInvalid,
    PromiseNeeded,
    ReasonInvalid,
    ReplacementSoldOut,
    ReturnAddressMissing,
    StepNotYours,
    TooManyAddresses,
    TooManyCases,
)
from liveshelf.aftersales.rules import checked_parcel, open_address
from liveshelf.aftersales.types import Band, CaseKind, CaseState, Said
from liveshelf.customers.types import customer_actor
from liveshelf.flows import aftersale, join
from liveshelf.flows.upload import upload
from liveshelf.kernel.actors import SYSTEM, Actor, ActorKind
from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import AccountId, OrderId, ShopId
from liveshelf.orders import shipping
from liveshelf.orders.errors import NothingToShip, OrderNotToShip, OrderUnknown, PiecesStopped
from liveshelf.orders.types import CloseReason, OrderState
from liveshelf.payments import queries as payments
from liveshelf.platform import limits
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from liveshelf.stock import service as stock
from tests.make.accounts import account
from tests.make.aftersales import HOME, OWNER, SUPPORT, Desk
from tests.make.paying import till_of
from tests.make.pictures import jpeg
from tests.make.selling import PRICE_FEN, Sold, bought, fire, guest, level, order, something, wish
from tests.make.shops import a_shop

ARBITER = Actor(ActorKind.REVIEWER, "99")


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
async def sold(db: Database, shop: ShopId) -> Sold:
    return await something(db, shop, on_hand=10)


@pytest.fixture
async def desk(db: Database, runtime: Runtime, shop: ShopId) -> Desk:
    return Desk(db, shop, till_of(runtime), runtime.keys)


async def refunded(desk: Desk, order_id: OrderId) -> int:
    async with desk.db.read(desk.shop) as tx:
        return (await payments.paid_of(tx, order_id)).refunded_fen


async def flow(desk: Desk, *bands: Band) -> int:
    made = await desk.as_staff(lambda tx: _set(tx, bands), OWNER)
    return made.version


async def _set(tx, bands):
    return await setup.set_flow(tx, bands, after=(await queries.flow(tx)).version)


async def test_what_was_not_sent_is_refunded_whole_and_can_be_sold_again(desk: Desk, sold: Sold):
    paid = await desk.paid(sold, 2)
    assert (await level(desk.db, desk.shop, sold.sku_id)).on_hand == 8
    case = await desk.apply(paid, quantity=2)
    assert (case.state, case.amount_fen, case.shipped) == (CaseState.APPLIED, 2 * PRICE_FEN, False)
    case = await desk.approve(case)
    assert case.state is CaseState.REFUNDING
    closed = await order(desk.db, desk.shop, paid.order_id)
    assert (closed.state, closed.close_reason) == (OrderState.CLOSED, CloseReason.REFUNDED)
    assert (await level(desk.db, desk.shop, sold.sku_id)).on_hand == 10
    assert await refunded(desk, paid.order_id) == 2 * PRICE_FEN


async def test_the_providers_word_ends_the_case(desk: Desk, sold: Sold, runtime: Runtime):
    case = await desk.approve(await desk.apply(await desk.paid(sold)))
    await aftersale.settled(runtime, desk.shop, key=case.refund_key)
    done = await desk.case(case.case_id)
    assert done.state is CaseState.REFUNDED
    await aftersale.settled(runtime, desk.shop, key=case.refund_key)
    await aftersale.settled(runtime, desk.shop, key="oversold:7")
    await aftersale.settled(runtime, desk.shop, key="aftersale:7")
    assert await desk.said(case) == ["applied", "approved", "refunded"]


async def test_part_of_an_unsent_order_goes_and_the_rest_stays(desk: Desk, sold: Sold):
    paid = await desk.paid(sold, 3)
    case = await desk.approve(await desk.apply(paid, quantity=1))
    assert case.amount_fen == PRICE_FEN
    assert (await order(desk.db, desk.shop, paid.order_id)).state is OrderState.TO_SHIP
    assert (await level(desk.db, desk.shop, sold.sku_id)).on_hand == 8
    await desk.approve(await desk.apply(paid, quantity=2))
    assert (await order(desk.db, desk.shop, paid.order_id)).state is OrderState.CLOSED
    assert (await level(desk.db, desk.shop, sold.sku_id)).on_hand == 10
    assert await refunded(desk, paid.order_id) == 3 * PRICE_FEN


async def test_a_return_goes_by_way_of_the_goods(desk: Desk, sold: Sold):
    await desk.address()
    sent = await desk.sent(sold, 2)
    case = await desk.apply(sent, CaseKind.RETURN)
    case = await desk.approve(case)
    assert case.state is CaseState.AWAITING_RETURN
    assert case.sealed_address is not None
    assert open_address(desk.keys, case.sealed_address) == HOME
    assert await refunded(desk, sent.order_id) == 0
    case = await desk.send_back(case)
    assert (case.state, case.sent_back.carrier) == (CaseState.INSPECTING, "顺丰速运")
    with pytest.raises(CaseStateRefuses):
        await desk.withdraw(case)
    case = await desk.inspect(case)
    assert case.state is CaseState.REFUNDING
    assert await refunded(desk, sent.order_id) == PRICE_FEN
    assert (await level(desk.db, desk.shop, sold.sku_id)).on_hand == 9
    assert (await order(desk.db, desk.shop, sent.order_id)).state is OrderState.TO_RECEIVE


async def test_what_came_back_broken_is_paid_for_but_not_put_on_hand(desk: Desk, sold: Sold):
    await desk.address()
    sent = await desk.sent(sold)
    case = await desk.send_back(await desk.approve(await desk.apply(sent, CaseKind.RETURN)))
    await desk.inspect(case, restock=False)
    assert (await level(desk.db, desk.shop, sold.sku_id)).on_hand == 9
    assert await refunded(desk, sent.order_id) == PRICE_FEN


async def test_an_exchange_holds_what_it_will_send(desk: Desk, sold: Sold):
    await desk.address()
    sent = await desk.sent(sold)
    case = await desk.approve(await desk.apply(sent, CaseKind.EXCHANGE))
    held = await level(desk.db, desk.shop, sold.sku_id)
    assert (held.on_hand, held.held) == (9, 1)
    case = await desk.inspect(await desk.send_back(case))
    assert case.state is CaseState.RESENDING
    assert (await level(desk.db, desk.shop, sold.sku_id)).on_hand == 10

    async def resend(tx, one, _order):

        await granting.resend(tx, one, checked_parcel("中通", "ZT1234567890"))

    case = await desk.do(case, resend)
    assert (case.state, case.resent.number) == (CaseState.EXCHANGED, "ZT1234567890")
    now = await level(desk.db, desk.shop, sold.sku_id)
    assert (now.on_hand, now.held) == (9, 0)
    assert await refunded(desk, sent.order_id) == 0
    # The replacement is broken too: its piece can be asked for anew, and comes back to the shelf once more.
    again = await desk.apply(sent, CaseKind.RETURN)
    await desk.inspect(await desk.send_back(await desk.approve(again)))
    assert await refunded(desk, sent.order_id) == PRICE_FEN
    assert (await level(desk.db, desk.shop, sold.sku_id)).on_hand == 10


async def test_an_exchange_that_ends_gives_back_what_it_held(desk: Desk, sold: Sold):
    await desk.address()
    case = await desk.approve(await desk.apply(await desk.sent(sold), CaseKind.EXCHANGE))
    await desk.withdraw(case)
    assert (await level(desk.db, desk.shop, sold.sku_id)).held == 0
    await desk.as_staff(lambda tx: _count(tx, sold.sku_id, 0))
    case = await desk.apply(await desk_order(desk, case), CaseKind.EXCHANGE)
    with pytest.raises(ReplacementSoldOut):
        await desk.approve(case)


async def _count(tx, sku_id, on_hand):

    await stock.set_on_hand(tx, sku_id, on_hand, "test")


async def desk_order(desk: Desk, case):
    return await order(desk.db, desk.shop, case.order_id)


async def test_the_money_instead_of_a_replacement(desk: Desk, sold: Sold):
    await desk.address()
    sent = await desk.sent(sold)
    case = await desk.apply(sent, CaseKind.EXCHANGE)
    case = await desk.inspect(await desk.send_back(await desk.approve(case)))
    case = await desk.do(case, lambda tx, one, o: granting.refund_instead(tx, one, o, text="没货了"))
    assert case.state is CaseState.REFUNDING
    assert await refunded(desk, sent.order_id) == PRICE_FEN
    assert (await level(desk.db, desk.shop, sold.sku_id)).held == 0


@pytest.mark.parametrize("amount", [0, -1, PRICE_FEN + 1, 10**18])
async def test_no_amount_beyond_what_was_paid(desk: Desk, sold: Sold, amount: int):
    sent = await desk.sent(sold)
    with pytest.raises(AmountInvalid):
        await desk.apply(sent, amount_fen=amount)
    assert (await desk.apply(sent, amount_fen=1)).amount_fen == 1


async def test_bad_applications_change_nothing(desk: Desk, sold: Sold):
    paid = await desk.paid(sold)
    unpaid = await bought(desk.db, desk.shop, wish(await guest(desk.db, desk.shop), sold.sku_id))
    with pytest.raises(OrderNotCovered):
        await desk.apply(unpaid)
    for lines in ((), ((2, 1, None),), ((1, 0, None),), ((1, -5, None),), ((1, 1, None), (1, 1, None))):
        with pytest.raises(LinesInvalid):
            await desk.apply(paid, lines=lines)
    with pytest.raises(NothingLeft):
        await desk.apply(paid, lines=((1, 10**9, None),))
    with pytest.raises(KindNotPossible):
        await desk.apply(paid, CaseKind.RETURN)
    with pytest.raises(ReasonInvalid):
        await desk.apply(paid, reason_code="no_such")
    with pytest.raises(EvidenceInvalid):
        await desk.apply(paid, pictures=("1-" + "a" * 32,))
    with pytest.raises(EvidenceInvalid):
        await desk.apply(paid, pictures=tuple(f"{number}" for number in range(10)))
    with pytest.raises(AmountInvalid):
        await desk.apply(paid, amount_fen=1)  # what was not sent is given back whole
    async with desk.db.read(desk.shop) as tx:
        assert await queries.of_orders(tx, [paid.order_id]) == []
    await desk.ship(paid.order_id)
    with pytest.raises(EvidenceNeeded):
        await desk.apply(paid, CaseKind.RETURN, reason_code="quality")


async def test_strangers_see_and_move_nothing(desk: Desk, sold: Sold, runtime: Runtime):
    case = await desk.apply(await desk.sent(sold))
    stranger = replace(case, customer_id=await guest(desk.db, desk.shop))
    with pytest.raises(CaseUnknown):
        await desk.withdraw(stranger)
    other = Desk(desk.db, (await a_shop(desk.db, "别家")).shop, desk.till, runtime.keys)
    with pytest.raises(CaseUnknown):
        await other.approve(case)
    with pytest.raises(OrderUnknown):
        await other.apply(await desk_order(desk, case))
    theirs = await something(desk.db, other.shop)
    with pytest.raises(OrderUnknown):
        await desk.apply(await other.paid(theirs))


async def test_evidence_of_another_shop_is_none(desk: Desk, sold: Sold, runtime: Runtime, http_app):

    other = (await a_shop(desk.db, "别家")).shop
    theirs = await upload(runtime, SYSTEM, other, jpeg())
    ours = await upload(runtime, SYSTEM, desk.shop, jpeg(), temporary=True)
    sent = await desk.sent(sold)
    with pytest.raises(EvidenceInvalid):
        await desk.apply(sent, reason_code="quality", pictures=(theirs.media_id,))
    case = await desk.apply(sent, reason_code="quality", pictures=(ours.media_id,))
    (entry,) = await desk.log(case)
    assert len(entry.pictures) == 1
    assert entry.pictures[0] != ours.media_id  # kept for good, as its own


async def test_done_orders_are_covered_for_fifteen_days(desk: Desk, sold: Sold, clock):
    sent = await desk.sent(sold)
    async with desk.db.engine.begin() as conn:
        await conn.execute(
            text("UPDATE orders SET state = 'done', done_at = paid_at, receive_due_at = NULL WHERE shop_id = :shop"),
            {"shop": desk.shop},
        )
    done = await order(desk.db, desk.shop, sent.order_id)
    clock.set_offset(timedelta(days=15, seconds=-30))
    async with desk.db.read(desk.shop) as tx:
        assert applying.covered(done, tx)
    clock.set_offset(timedelta(days=15, seconds=30))
    with pytest.raises(OrderNotCovered):
        await desk.apply(done)


async def test_applying_and_withdrawing_has_an_end(desk: Desk, sold: Sold, monkeypatch):
    monkeypatch.setattr(rules, "CASES_MAX", 2)
    monkeypatch.setattr(rules, "LOG_MAX", 2)
    sent = await desk.sent(sold)
    for _ in range(2):
        case = await desk.withdraw(await desk.apply(sent))
    with pytest.raises(TooManyCases):
        await desk.apply(sent)
    monkeypatch.setattr(rules, "CASES_MAX", 3)
    case = await desk.apply(sent)
    await desk.do(case, lambda tx, one, _o: service.note(tx, one, "又来了"))
    with pytest.raises(LogFull):
        await desk.do(case, lambda tx, one, _o: service.note(tx, one, "还来"))


# The review flow


@pytest.mark.feature("S-317")
async def test_running_cases_keep_the_flow_they_began_with(desk: Desk, sold: Sold):
    sent = await desk.sent(sold, 2)
    first = await desk.apply(sent)
    assert await flow(desk, Band(None, (Role.SERVICE, Role.OWNER))) == 1
    second = await desk.apply(sent)
    assert [one.flow_version for one in (first, second)] == [0, 1]
    assert (await desk.approve(first)).state is CaseState.REFUNDING  # one step was enough when it began
    second = await desk.approve(second)
    assert (second.state, second.step) == (CaseState.APPLIED, 1)
    with pytest.raises(StepNotYours):
        await desk.approve(second, Role.SERVICE)
    with pytest.raises(CaseStateRefuses):
        await desk.approve(second, Role.OWNER, step=0)  # pressed twice is not two steps
    assert (await desk.approve(second, Role.OWNER)).state is CaseState.REFUNDING


async def test_small_amounts_are_granted_at_once_where_the_shop_says_so(desk: Desk, sold: Sold):
    await flow(desk, Band(Fen(PRICE_FEN), ()), Band(None, (Role.OWNER,)))
    sent = await desk.sent(sold, 3)
    case = await desk.apply(sent)
    assert case.state is CaseState.REFUNDING
    assert [entry.side.value for entry in await desk.log(case)] == ["buyer", "system"]
    assert (await desk.apply(sent, quantity=2)).state is CaseState.APPLIED


async def test_what_needs_an_address_waits_for_a_person_until_there_is_one(desk: Desk, sold: Sold):
    await flow(desk, Band(None, ()))
    sent = await desk.sent(sold, 2)
    case = await desk.apply(sent, CaseKind.RETURN)
    assert case.state is CaseState.APPLIED
    with pytest.raises(ReturnAddressMissing):
        await desk.approve(case)
    await desk.address()
    assert (await desk.approve(case)).state is CaseState.AWAITING_RETURN
    assert (await desk.apply(sent, CaseKind.RETURN)).state is CaseState.AWAITING_RETURN


async def test_two_who_save_a_flow_do_not_overwrite_each_other(desk: Desk):
    await flow(desk, Band(None, (Role.OWNER,)))
    with pytest.raises(FlowChanged):
        await desk.as_staff(lambda tx: setup.set_flow(tx, [Band(None, ())], after=0))


async def test_return_addresses_are_few_and_one_is_the_standard(desk: Desk):
    first = await desk.address()
    for _ in range(9):
        last = await desk.address()
    with pytest.raises(TooManyAddresses):
        await desk.address()
    await desk.as_staff(lambda tx: setup.choose_address(tx, last))
    await desk.as_staff(lambda tx: setup.remove_address(tx, last))
    async with desk.db.read(desk.shop) as tx:
        kept = await queries.addresses(tx)
    assert [one.standard for one in kept] == [True, *([False] * 8)]
    assert kept[0].address_id == first


# Talk, offers, promises


async def propose(desk: Desk, case, amount_fen: int):
    return await desk.do(
        case, lambda tx, one, _o: granting.offer(tx, one, role=SUPPORT, amount_fen=amount_fen, text="补偿")
    )


async def test_an_offer_that_is_taken_ends_the_matter(desk: Desk, sold: Sold):
    await desk.address()
    sent = await desk.sent(sold)
    case = await desk.apply(sent, CaseKind.RETURN)
    with pytest.raises(AmountInvalid):
        await propose(desk, case, PRICE_FEN + 1)
    case = await propose(desk, case, 3_000)
    assert case.offer_fen == 3_000
    with pytest.raises(OfferMissing):
        await desk.buyer(case, lambda tx, one, o: granting.accept_offer(tx, one, o, offer_fen=9_000))
    case = await desk.buyer(case, lambda tx, one, _o: service.decline_offer(tx, one, offer_fen=3_000))
    assert (case.offer_fen, case.answer_due_at is None) == (None, False)
    case = await propose(desk, case, 5_000)
    case = await desk.buyer(case, lambda tx, one, o: granting.accept_offer(tx, one, o, offer_fen=5_000))
    assert (case.state, case.amount_fen) == (CaseState.REFUNDING, 5_000)
    assert await refunded(desk, sent.order_id) == 5_000
    assert await desk.said(case) == ["applied", "offered", "offer_declined", "offered", "offer_accepted"]


async def test_an_offer_is_no_way_round_the_review(desk: Desk, sold: Sold):
    await flow(desk, Band(Fen(1_000), (Role.SERVICE,)), Band(None, (Role.SERVICE, Role.OWNER)))
    case = await desk.apply(await desk.sent(sold))
    with pytest.raises(OfferTooHigh):
        await propose(desk, case, 1_001)
    await propose(desk, case, 1_000)


async def test_both_sides_read_one_log_and_notes_stay_inside(desk: Desk, sold: Sold):
    case = await desk.apply(await desk.sent(sold))
    await desk.do(case, lambda tx, one, _o: service.note(tx, one, "老客户"))
    await desk.buyer(case, lambda tx, one, _o: service.say(tx, one, "什么时候退？", []))
    assert [entry.said for entry in await desk.log(case, internal=False)] == [Said.APPLIED, Said.MESSAGE]
    assert [entry.said for entry in await desk.log(case)] == [Said.APPLIED, Said.NOTE, Said.MESSAGE]


@pytest.mark.feature("S-910")
async def test_a_case_is_not_parked_without_a_promised_time(desk: Desk, sold: Sold, clock):
    case = await desk.apply(await desk.sent(sold))
    with pytest.raises(PromiseNeeded):
        await desk.say(case, "我们看一下")
    assert (await desk.case(case.case_id)).answer_due_at == case.answer_due_at
    now = clock.now()
    for wrong in (now - timedelta(seconds=1), now + timedelta(days=7, hours=1)):
        with pytest.raises(PromiseInvalid):
            await desk.say(case, "我们看一下", until=wrong)
    until = now + timedelta(hours=30)
    case = await desk.say(case, "要问工厂", until=until)
    assert (case.promised_at, case.answer_due_at) == (until, None)
    await desk.say(case, "工厂已收到")  # with a time promised a message is an answer
    with pytest.raises(PromiseInvalid):
        await desk.say(case, "早一点", until=until - timedelta(hours=1))

    clock.set_offset(timedelta(hours=30) - timedelta(seconds=2))
    assert await fire(desk.db, "aftersales.promise") == 0
    clock.set_offset(timedelta(hours=30, seconds=2))
    assert await fire(desk.db, "aftersales.promise") == 1
    assert await fire(desk.db, "aftersales.promise") == 0
    case = await desk.case(case.case_id)
    assert (case.breached, case.promised_at) == (True, None)
    async with desk.db.read(desk.shop) as tx:
        (missed,) = (await limits.breaches(tx)).items
    assert (missed.clock, missed.due_at, missed.settled_at) == ("aftersales.promise", until, None)


# The platform


async def appeal(desk: Desk, case):
    return await desk.buyer(case, lambda tx, one, o: arbitration.call(tx, one, o, "请平台判断"))


async def decide(desk: Desk, case, amount_fen: int):
    return await desk.do(
        case, lambda tx, one, o: arbitration.decide(tx, one, o, amount_fen=amount_fen, reason="凭证充分"), ARBITER
    )


async def refuse(desk: Desk, case):
    return await desk.do(case, lambda tx, one, _o: granting.refuse(tx, one, role=SUPPORT, text="超出范围"))


async def test_the_platform_decides_after_a_refusal(desk: Desk, sold: Sold):
    sent = await desk.sent(sold)
    case = await desk.apply(sent)
    with pytest.raises(ArbiterNotYet):
        await appeal(desk, case)
    case = await appeal(desk, await refuse(desk, case))
    with pytest.raises(NothingLeft):
        await desk.apply(sent)  # while the platform looks, its pieces are not free
    with pytest.raises(AmountInvalid):
        await decide(desk, case, PRICE_FEN + 1)
    case = await decide(desk, case, 4_000)
    assert (case.state, case.amount_fen) == (CaseState.REFUNDING, 4_000)
    assert case.arbitration.reason == "凭证充分"
    assert await refunded(desk, sent.order_id) == 4_000
    with pytest.raises(CaseStateRefuses):
        await decide(desk, case, 1)
    async with desk.db.engine.connect() as conn:
        acts = (await conn.execute(text("SELECT action, actor FROM trail WHERE action LIKE 'aftersales.%'"))).all()
    assert ("aftersales.arbitrate", "reviewer:99") in [tuple(row) for row in acts]


async def test_the_platforms_no_is_the_end(desk: Desk, sold: Sold):
    case = await appeal(desk, await refuse(desk, await desk.apply(await desk.sent(sold))))
    case = await decide(desk, case, 0)
    assert case.state is CaseState.CLOSED
    with pytest.raises(ArbiterNotYet):
        await appeal(desk, case)


async def test_a_refusal_can_be_appealed_for_seven_days(desk: Desk, sold: Sold, clock):
    case = await refuse(desk, await desk.apply(await desk.sent(sold)))
    clock.set_offset(timedelta(days=7, seconds=2))
    with pytest.raises(ArbiterNotYet):
        await appeal(desk, case)
    clock.set_offset(timedelta(days=7, seconds=2))
    again = await desk.apply(await desk_order(desk, case))
    assert again.state is CaseState.APPLIED


async def test_a_second_case_for_the_pieces_ends_the_appeal_of_the_first(desk: Desk, sold: Sold):
    first = await refuse(desk, await desk.apply(await desk.sent(sold)))
    await desk.apply(await desk_order(desk, first))
    with pytest.raises(NothingLeft):
        await appeal(desk, first)


async def test_who_belongs_to_the_shop_does_not_decide(desk: Desk, sold: Sold, runtime: Runtime):

    member = await account(runtime, "both")
    await desk.as_staff(lambda tx: accounts.join_shop(tx, member, Role.SERVICE))
    case = await appeal(desk, await refuse(desk, await desk.apply(await desk.sent(sold))))
    with pytest.raises(ArbiterNotIndependent):
        await desk.do(
            case, lambda tx, one, o: aftersale.decide(tx, one, o, arbiter=member, amount_fen=0, reason="无"), ARBITER
        )
    outsider = AccountId(4711)
    await desk.do(
        case, lambda tx, one, o: aftersale.decide(tx, one, o, arbiter=outsider, amount_fen=0, reason="无"), ARBITER
    )


async def test_agreeing_after_all_ends_the_arbitration(desk: Desk, sold: Sold):
    case = await appeal(desk, await refuse(desk, await desk.apply(await desk.sent(sold))))
    case = await propose(desk, case, 2_000)
    case = await desk.buyer(case, lambda tx, one, o: granting.accept_offer(tx, one, o, offer_fen=2_000))
    assert case.state is CaseState.REFUNDING
    assert case.arbitration.decided_at is not None
    with pytest.raises(CaseStateRefuses):
        await decide(desk, case, 1)


async def test_an_order_that_others_refund_ends_its_cases(desk: Desk, sold: Sold, runtime: Runtime):
    case = await desk.apply(await desk.paid(sold))
    await aftersale.order_closed(runtime, desk.shop, order_id=case.order_id, reason="refunded")
    assert (await desk.case(case.case_id)).state is CaseState.APPLIED
    await aftersale.order_closed(runtime, desk.shop, order_id=case.order_id, reason="oversold")
    assert (await desk.case(case.case_id)).state is CaseState.CLOSED


async def test_erasing_a_buyer_takes_their_words_out(desk: Desk, sold: Sold):
    case = await desk.apply(await desk.sent(sold))
    await desk.say(case, "稍等", until=case.created_at + timedelta(hours=5))
    await desk.db.write(customer_actor(case.customer_id), desk.shop, lambda tx: join.leave(tx, case.customer_id))
    applied, promised = await desk.log(case)
    assert (applied.text, applied.pictures) == ("", ())
    assert promised.text == "稍等"


# Beside shipping


def pack(desk: Desk, order_id: OrderId):
    return desk.as_staff(lambda tx: shipping.ship(tx, order_id, carrier="SF", tracking_no="SF1234567890123"))


async def test_what_is_asked_back_is_not_sent(desk: Desk, sold: Sold):
    paid = await desk.paid(sold, 3)
    case = await desk.apply(paid, quantity=2)
    parcel = await pack(desk, paid.order_id)
    assert parcel.lines == ((sold.sku_id, 1),)
    partly = await order(desk.db, desk.shop, paid.order_id)
    assert partly.state is OrderState.PARTLY_SHIPPED
    with pytest.raises(NothingToShip):
        await pack(desk, paid.order_id)
    await desk.approve(case)
    assert (await order(desk.db, desk.shop, paid.order_id)).state is OrderState.TO_RECEIVE
    assert await refunded(desk, paid.order_id) == 2 * PRICE_FEN
    # Only what was sent can be asked for now.
    again = await desk.apply(paid, quantity=1)
    assert again.shipped
    with pytest.raises(NothingLeft):
        await desk.apply(paid, quantity=1)


async def test_a_refusal_lets_the_pieces_go(desk: Desk, sold: Sold):
    paid = await desk.paid(sold, 2)
    case = await refuse(desk, await desk.apply(paid, quantity=2))
    await pack(desk, paid.order_id)
    assert (await order(desk.db, desk.shop, paid.order_id)).state is OrderState.TO_RECEIVE
    case = await decide(desk, await appeal(desk, case), 2 * PRICE_FEN)
    assert case.state is CaseState.REFUNDING
    assert (await level(desk.db, desk.shop, sold.sku_id)).on_hand == 8  # they are with the buyer


async def test_an_appeal_keeps_here_what_has_not_left(desk: Desk, sold: Sold):
    paid = await desk.paid(sold, 2)
    case = await appeal(desk, await refuse(desk, await desk.apply(paid, quantity=2)))
    with pytest.raises(NothingToShip):
        await pack(desk, paid.order_id)
    await decide(desk, case, 0)
    await pack(desk, paid.order_id)


async def test_a_packed_parcel_does_not_leave_over_a_case(desk: Desk, sold: Sold):
    paid = await desk.paid(sold, 2)
    parcel = await desk.as_staff(
        lambda tx: shipping.pack(tx, paid.order_id, carrier="SF", tracking_no="SF1234567890123")
    )
    case = await desk.apply(paid, quantity=1)
    with pytest.raises(PiecesStopped):
        await desk.as_staff(lambda tx: shipping.hand_over(tx, paid.order_id, parcel_id=parcel.parcel_id))
    await desk.withdraw(case)
    await desk.as_staff(lambda tx: shipping.hand_over(tx, paid.order_id, parcel_id=parcel.parcel_id))
    assert (await order(desk.db, desk.shop, paid.order_id)).state is OrderState.TO_RECEIVE


async def test_what_left_after_a_refusal_stays_sold_and_the_rest_does_not_leave(desk: Desk, sold: Sold):
    """The platform grants what staff had refused, and had begun to send since."""
    paid = await desk.paid(sold, 3)
    before = await level(desk.db, desk.shop, sold.sku_id)
    case = await refuse(desk, await desk.apply(paid, quantity=3))
    some = partial(shipping.ship, order_id=paid.order_id, carrier="SF", tracking_no="SF1234567890123")
    await desk.as_staff(lambda tx: some(tx, lines=[(sold.sku_id, 1)]))
    case = await appeal(desk, case)
    with pytest.raises(NothingToShip):
        await desk.as_staff(some)  # what is still here waits for the decision
    case = await decide(desk, case, case.most_fen)
    assert case.state is CaseState.REFUNDING
    entries = await desk.log(case)
    assert [(one.text, one.internal) for one in entries if one.said is Said.PIECES_GONE] == [("1", True)]
    after = await level(desk.db, desk.shop, sold.sku_id)
    assert after.available - before.available == 2  # the one that left is with its buyer
    with pytest.raises((OrderNotToShip, NothingToShip)):
        await desk.as_staff(some)
