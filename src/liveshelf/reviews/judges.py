"""Who may judge a case: four eyes, and none of them the submitter's."""

from __future__ import annotations

from liveshelf.accounts import queries as accounts
from liveshelf.kernel.actors import ActorKind
from liveshelf.kernel.ids import AccountId
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.reviews import queries
from liveshelf.reviews.errors import CaseTaken, JudgesOwnCase, ReviewerNotIndependent
from liveshelf.reviews.types import OF_SHOPS, PLANS, Case, CaseState, Stage
from liveshelf.shops import policy

SECOND_PERSON = "second_person"  # the rule that is waived
WAIVED_BECAUSE = "somebody of the shop was the human look at its own submissions"


async def check(tx: Tx, case: Case) -> None:
    """The transaction's actor may judge the case. The machine always may; the command line is nobody's member.

    Raises `ReviewerNotIndependent`, `JudgesOwnCase`, `CaseTaken`.
    """
    if tx.actor.kind is not ActorKind.REVIEWER:
        return
    await check_person(tx, case, str(tx.actor))
    if case.taken_by not in {None, str(tx.actor)}:
        raise CaseTaken(audit_id=str(case.audit_id))


async def check_person(tx: ReadTx, case: Case, person: str) -> None:
    """This reviewer, as "reviewer:41", stands apart from the case. Raises `ReviewerNotIndependent`, `JudgesOwnCase`."""
    if person in case.barred:
        raise JudgesOwnCase(audit_id=str(case.audit_id))
    number = person.partition(":")[2]
    if number.isdigit():
        memberships = await accounts.memberships(tx, AccountId(int(number)))
        if any(one.shop == case.shop for one in memberships):
            if not await _is_house_of_one(tx, case):
                raise ReviewerNotIndependent
            return
        kind, _, submitter = case.submitted_by.partition(":")
        if submitter == number and kind in _PEOPLE:
            raise JudgesOwnCase(audit_id=str(case.audit_id))
    given = (await queries.verdicts(tx, [case.audit_id])).get(case.audit_id, [])
    if any(one.actor == person and one.verdict.stage is Stage.PERSON for one in given):
        raise JudgesOwnCase(audit_id=str(case.audit_id))


async def _is_house_of_one(tx: ReadTx, case: Case) -> bool:
    """Whether whoever works in the shop may be the human look at it, in their own house: at what is shown to buyers
    beside the machine's and where nobody else is, and at who may sell there.
    """
    if case.state is not CaseState.WAITING or case.persons > 1:
        return False
    if not PLANS[case.kind].machine and case.kind not in OF_SHOPS:
        return False
    if not (await policy.policy(tx)).human_passes_may_be_one_person:
        return False
    return case.kind in OF_SHOPS or await accounts.count_members(tx) == 1


async def waive(tx: Tx, case: Case) -> None:
    """Write down, once for the shop, that its only person is the human look at its own submissions."""
    number = tx.actor.id
    if tx.actor.kind is ActorKind.REVIEWER and number.isdigit():
        memberships = await accounts.memberships(tx, AccountId(int(number)))
        if any(one.shop == case.shop for one in memberships):
            await policy.waive(tx, SECOND_PERSON, reason=WAIVED_BECAUSE)


_PEOPLE = {ActorKind.STAFF, ActorKind.REVIEWER, ActorKind.AGENT, ActorKind.EMPLOYEE}  # as whom an account acts
