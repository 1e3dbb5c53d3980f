"""Deciding: grant and refuse, take goods back and look at them, send others, and the money that follows.

Money is only owed here; `payments.refunds` sends it, and the provider's word ends the case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import msgspec

from liveshelf.accounts.types import Role
from liveshelf.aftersales import queries, rules, service, words
from liveshelf.aftersales.errors import (
    AmountInvalid,
    CaseStateRefuses,
    OfferMissing,
    OfferTooHigh,
    ReplacementSoldOut,
    ReturnAddressMissing,
    StepNotYours,
)
from liveshelf.aftersales.types import Case, CaseKind, CaseState, Parcel, Said
from liveshelf.fulfilment import queries as parcels
from liveshelf.fulfilment.types import ParcelState
from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import SkuId
from liveshelf.orders import service as orders
from liveshelf.orders import shipping
from liveshelf.orders.types import Order
from liveshelf.payments import queries as payments
from liveshelf.payments import refunds
from liveshelf.payments.types import RefundReason
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.stock import service as stock
from liveshelf.stock.errors import ReturnTooMuch
from liveshelf.stock.types import Shortage, Want
from liveshelf.trail import service as trail

_S = CaseState


async def sent_pieces(tx: ReadTx, order: Order) -> dict[int, int]:
    """How many pieces of each line have left the house."""
    there = (await parcels.of_orders(tx, [order.order_id])).get(order.order_id, [])
    sent = parcels.pieces(there, ParcelState.SENT)
    return {number: sent[line.sku_id] for number, line in enumerate(order.lines, 1)}


async def approve(tx: Tx, case: Case, order: Order, *, role: Role | None, step: int, text: str) -> Case:
    """Take the next step of the review; the last one grants the case. `step` is the one that the person saw, so that
    pressing twice is not two steps.

    Raises `StepNotYours`, `CaseStateRefuses`, and as `grant`.
    """
    service.require(case, _S.APPLIED)
    if case.step != step:
        raise CaseStateRefuses(state=case.state.value, step=case.step)
    flow = await service.flow_of(tx, case)
    steps = flow.steps(case.amount_fen)
    if case.step < len(steps) and not rules.may_take(role, steps[case.step]):
        raise StepNotYours(role=steps[case.step].value)
    text = await words.checked(tx, text, empty=True)
    trail.record(tx, "aftersales.approve", f"case:{case.case_id}", step=case.step + 1, amount_fen=case.amount_fen)
    if case.step + 1 < len(steps):
        # The next to look has the whole time again.
        await service.change(tx, case, step=case.step + 1, answer_due_at=tx.now + case.answer_within)
        await service.acted(tx, case)
        service.write(tx, case, Said.APPROVED_STEP, text=text, amount_fen=case.amount_fen)
        return replace(case, step=case.step + 1)
    return await grant(tx, case, order, text=text)


async def grant(tx: Tx, case: Case, order: Order, *, text: str = "") -> Case:
    """All who had to look agree: the money goes back, or the goods first.

    Raises `ReturnAddressMissing`, `ReplacementSoldOut`, `RefundTooLarge`.
    """
    if case.kind is CaseKind.REFUND:
        return await pay_back(tx, case, order, Said.APPROVED, text=text)
    address = next(iter(await queries.addresses(tx)), None)
    if address is None:
        raise ReturnAddressMissing
    if case.kind is CaseKind.EXCHANGE:
        await _hold_replacement(tx, case)
    return await service.move(
        tx,
        case,
        _S.AWAITING_RETURN,
        Said.APPROVED,
        text=text,
        about_fen=case.amount_fen,
        due_at=tx.now + rules.RETURN_TIME,
        return_address=address.sealed,
    )


async def refuse(tx: Tx, case: Case, *, role: Role | None, text: str) -> Case:
    """Say no, and why; the buyer may call the platform. Raises `StepNotYours`, `TextInvalid`, `CaseStateRefuses`."""
    service.require(case, _S.APPLIED)
    step = rules.next_step(case, await service.flow_of(tx, case))
    if step is not None and not rules.may_take(role, step):
        raise StepNotYours(role=step.value)
    text = await words.checked(tx, text)
    trail.record(tx, "aftersales.refuse", f"case:{case.case_id}")
    return await service.move(tx, case, _S.REFUSED, Said.REFUSED, text=text)


async def offer(tx: Tx, case: Case, *, role: Role | None, amount_fen: int, text: str) -> None:
    """Offer a part of the money for keeping the goods. Only as much as the role could grant alone, since the buyer's
    yes is the last word. Raises `OfferTooHigh`, `AmountInvalid`, `CaseStateRefuses`.
    """
    if not rules.may_offer(case):
        raise CaseStateRefuses(state=case.state.value)
    if not 1 <= amount_fen <= case.most_fen:
        raise AmountInvalid(field="amount_fen", most_fen=case.most_fen)
    if not rules.may_grant(await service.flow_of(tx, case), amount_fen, role):
        raise OfferTooHigh(field="amount_fen")
    text = await words.checked(tx, text, empty=True)
    trail.record(tx, "aftersales.offer", f"case:{case.case_id}", amount_fen=amount_fen)
    await service.offer(tx, case, amount_fen, text)


async def accept_offer(tx: Tx, case: Case, order: Order, *, offer_fen: int) -> Case:
    """The buyer takes what is offered and keeps the goods. Raises `OfferMissing`, `RefundTooLarge`."""
    if case.offer_fen is None or case.offer_fen != offer_fen:
        raise OfferMissing(offer_fen=case.offer_fen)
    return await pay_back(tx, case, order, Said.OFFER_ACCEPTED, amount_fen=case.offer_fen)


async def withdraw(tx: Tx, case: Case) -> Case:
    """The buyer takes the application back. Raises `CaseStateRefuses` once goods or money are on their way."""
    service.require(case, _S.APPLIED, _S.AWAITING_RETURN)
    return await service.move(tx, case, _S.WITHDRAWN, Said.WITHDRAWN)


async def send_back(tx: Tx, case: Case, parcel: Parcel) -> Case:
    """The buyer has handed the goods to a carrier. Raises `CaseStateRefuses`."""
    service.require(case, _S.AWAITING_RETURN)
    return await service.move(
        tx,
        case,
        _S.INSPECTING,
        Said.SENT_BACK,
        text=f"{parcel.carrier} {parcel.number}",
        due_at=tx.now + rules.INSPECT_TIME,
        sent_back=msgspec.to_builtins(parcel),
    )


async def accept_return(tx: Tx, case: Case, order: Order, *, restock: bool, text: str = "") -> Case:
    """The goods are back and as they should be; `restock` puts them on hand again. The money follows, or the
    replacement. Raises `CaseStateRefuses`, `RefundTooLarge`.
    """
    service.require(case, _S.INSPECTING)
    text = await words.checked(tx, text, empty=True)
    if restock:
        await _take_back(tx, case, {line.sku_id: line.quantity for line in case.lines})
    trail.record(tx, "aftersales.accept_return", f"case:{case.case_id}", restock=restock)
    return await _inspected(tx, case, order, Said.RETURN_ACCEPTED, text=text)


async def accept_unseen(tx: Tx, case: Case, order: Order) -> Case:
    """Nobody looked in time: it counts as accepted. Whether the goods can be sold again, nobody has said."""
    return await _inspected(tx, case, order, Said.INSPECTED_BY_CLOCK)


async def refuse_return(tx: Tx, case: Case, *, text: str, pictures: list[str]) -> Case:
    """The goods came back otherwise than they were sent, or not at all. Raises `TextInvalid`, `CaseStateRefuses`."""
    service.require(case, _S.INSPECTING)
    text = await words.checked(tx, text)
    shown = await service.checked_pictures(tx, pictures)
    trail.record(tx, "aftersales.refuse_return", f"case:{case.case_id}")
    return await service.move(tx, case, _S.REFUSED, Said.RETURN_REFUSED, text=text, pictures=shown)


async def resend(tx: Tx, case: Case, parcel: Parcel) -> Case:
    """The replacement is with a carrier: what was held for it is sold. Raises `CaseStateRefuses`."""
    service.require(case, _S.RESENDING)
    await stock.commit(tx, [service.replacement_of(case)])
    trail.record(tx, "aftersales.resend", f"case:{case.case_id}", carrier=parcel.carrier, number=parcel.number)
    return await service.move(
        tx,
        case,
        _S.EXCHANGED,
        Said.RESENT,
        text=f"{parcel.carrier} {parcel.number}",
        resent=msgspec.to_builtins(parcel),
    )


async def refund_instead(tx: Tx, case: Case, order: Order, *, text: str) -> Case:
    """No replacement after all: the money goes back. Raises `CaseStateRefuses`, `RefundTooLarge`."""
    service.require(case, _S.RESENDING)
    text = await words.checked(tx, text)
    trail.record(tx, "aftersales.refund_instead", f"case:{case.case_id}", amount_fen=case.most_fen)
    return await pay_back(tx, case, order, Said.REFUNDED_INSTEAD, amount_fen=case.most_fen, text=text)


async def pay_back(
    tx: Tx, case: Case, order: Order, said: Said, *, amount_fen: Fen | None = None, text: str = ""
) -> Case:
    """Owe the money; what was not sent is on hand again, and an order of which all went back closes.

    Raises `RefundTooLarge` when less is left of what was paid, `CaseStateRefuses`.
    """
    amount = case.amount_fen if amount_fen is None else amount_fen
    moved = await service.move(tx, case, _S.REFUNDING, said, text=text, about_fen=amount, amount_fen=amount)
    await refunds.owe(tx, case.order_id, amount_fen=amount, reason=RefundReason.AFTERSALE, key=case.refund_key)
    lines = [(line.sku_id, line.quantity) for line in case.lines]
    if not case.shipped:
        # After a refusal some may have left, which the platform's word does not undo: they stay sold; staff are told.
        here = await shipping.still_here(tx, order, lines=lines)
        if here:
            await shipping.withdraw(tx, order, lines=here)
            await _take_back(tx, case, dict(here))
        if gone := sum(count for _, count in lines) - sum(count for _, count in here):
            service.write(tx, case, Said.PIECES_GONE, text=str(gone), internal=True)
    if (await payments.paid_of(tx, case.order_id)).left_fen == 0:
        await orders.close_refunded(tx, order)
    return moved


async def settled(tx: Tx, case: Case) -> None:
    """The provider says that the money is back. Nothing happens when that is known."""
    if case.state is _S.REFUNDING:
        await service.move(tx, case, _S.REFUNDED, Said.REFUNDED, about_fen=case.amount_fen)


async def _inspected(tx: Tx, case: Case, order: Order, said: Said, *, text: str = "") -> Case:
    if case.kind is CaseKind.EXCHANGE:
        return await service.move(tx, case, _S.RESENDING, said, text=text, due_at=tx.now + rules.RESEND_TIME)
    return await pay_back(tx, case, order, said, text=text)


async def _hold_replacement(tx: Tx, case: Case) -> None:
    summed: dict[SkuId, int] = {}
    for line in case.lines:
        if line.want_sku_id is not None:
            summed[line.want_sku_id] = summed.get(line.want_sku_id, 0) + line.quantity
    want = Want(service.replacement_of(case), tuple(sorted(summed.items())), str(tx.actor))
    (answer,) = await stock.hold_many(tx, [want])
    if isinstance(answer, Shortage):  # no buyer is named, so no limit can be in the way
        raise ReplacementSoldOut(sku_id=answer.sku_id, available=answer.available)


async def _take_back(tx: Tx, case: Case, pieces: Mapping[SkuId, int]) -> None:
    """So many of the case's pieces are on hand again: of what the order took, or of what an earlier exchange brought
    for them.
    """
    brought = [
        (service.replacement_of(one), line)
        for one in await queries.of_orders(tx, [case.order_id])
        if one.state is _S.EXCHANGED
        for line in one.lines
    ]
    for line in case.lines:
        count = pieces.get(line.sku_id, 0)
        if not count:
            continue
        sources = [
            (case.order_id, line.sku_id),
            *((number, its.want_sku_id) for number, its in brought if its.line_no == line.line_no and its.want_sku_id),
        ]
        for at, (source, sku_id) in enumerate(sources, 1):
            try:
                await stock.give_back(tx, source, [(sku_id, count)], reason="aftersale")
            except ReturnTooMuch:
                if at == len(sources):
                    raise
            else:
                break
