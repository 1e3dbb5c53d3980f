"""The platform steps in: called by the buyer after a refusal or a missed limit, decided once, binding for both."""

from __future__ import annotations

from liveshelf.aftersales import _sql, granting, queries, rules, service
from liveshelf.aftersales.errors import AmountInvalid, ArbiterNotYet, CaseStateRefuses, NothingLeft
from liveshelf.aftersales.events import ArbiterCalled
from liveshelf.aftersales.types import Case, CaseState, Said
from liveshelf.kernel.fen import Fen
from liveshelf.orders import shipping, stops
from liveshelf.orders.types import Order
from liveshelf.platform.db import Tx
from liveshelf.trail import service as trail

_DECIDABLE = (
    CaseState.APPLIED,
    CaseState.AWAITING_RETURN,
    CaseState.INSPECTING,
    CaseState.RESENDING,
    CaseState.REFUSED,
)


async def call(tx: Tx, case: Case, order: Order, text: str) -> None:
    """Ask the platform to decide; the case holds its pieces until it has. Raises `ArbiterNotYet`, `TextInvalid`, and
    `NothingLeft` when another case has taken the pieces since the refusal.
    """
    if not rules.may_call_arbiter(case, tx.now):
        raise ArbiterNotYet
    text = rules.checked_text(text)
    await _check_room(tx, case, order)
    called = await tx.scalar(
        _sql.CALL_ARBITER.values(
            shop_id=tx.shop,
            case_id=case.case_id,
            called_at=tx.now,
            why=text,
            due_at=tx.now + rules.ARBITER_TIME,
            reason="",
            actor="",
        )
    )
    if called is None:
        raise ArbiterNotYet
    if not case.shipped and case.state is CaseState.REFUSED:
        await _stop_again(tx, case, order)
    service.write(tx, case, Said.ARBITER_CALLED, text=text)
    tx.emit(
        ArbiterCalled(case_id=case.case_id, order_id=case.order_id, customer_id=case.customer_id),
        stream=f"order:{case.order_id}",
    )


async def decide(tx: Tx, case: Case, order: Order, *, amount_fen: int, reason: str) -> None:
    """Decide for both: so much goes back, or nothing. In the trail, with its reason.

    The goods stay where they are, also those on their way. Raises `CaseStateRefuses`, `AmountInvalid`, `TextInvalid`,
    `RefundTooLarge`.
    """
    called = case.arbitration
    if called is None or called.decided_at is not None:
        raise CaseStateRefuses(state=case.state.value)
    service.require(case, *_DECIDABLE)
    if not 0 <= amount_fen <= case.most_fen:
        raise AmountInvalid(field="amount_fen", most_fen=case.most_fen)
    if not case.shipped and amount_fen not in {0, case.most_fen}:
        raise AmountInvalid("What was not sent is given back whole.", field="amount_fen", most_fen=case.most_fen)
    reason = rules.checked_text(reason)
    await tx.execute(
        _sql.END_ARBITRATION.values(
            decided_at=tx.now, due_at=None, amount_fen=amount_fen, reason=reason, actor=str(tx.actor)
        ),
        which=case.case_id,
    )
    trail.record(tx, "aftersales.arbitrate", f"case:{case.case_id}", amount_fen=amount_fen, reason=reason)
    if amount_fen:
        await granting.pay_back(tx, case, order, Said.ARBITER_GRANTED, amount_fen=Fen(amount_fen), text=reason)
    else:
        await service.move(tx, case, CaseState.CLOSED, Said.ARBITER_DISMISSED, text=reason)


async def _stop_again(tx: Tx, case: Case, order: Order) -> None:
    """What has not left since the refusal stays until the platform has decided."""
    here = await shipping.still_here(tx, order, lines=[(line.sku_id, line.quantity) for line in case.lines])
    if here:
        await stops.stop(tx, case.order_id, claim=case.case_id, lines=here)


async def _check_room(tx: Tx, case: Case, order: Order) -> None:
    claims = await queries.claims(tx, order.order_id, but=case.case_id)
    for line in case.lines:
        taken = sum(claims.get((line.line_no, shipped), (0, 0))[0] for shipped in (True, False))
        rest = order.lines[line.line_no - 1].quantity - taken
        if line.quantity > rest:
            raise NothingLeft(left=rest)
