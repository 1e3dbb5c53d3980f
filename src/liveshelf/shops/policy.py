"""The policy of the house: which of its rules bind, as the operator of the installation has set it.

Two profiles, both data. In their *own house* 自营 a merchant runs liveshelf for their own shop: papers may be waived,
and every waiver is written down and shown. On a *marketplace* 平台 every rule binds, and waivers given before count no
more, from the transaction after the change on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from liveshelf.kernel.ids import new_number
from liveshelf.kernel.text import is_plain
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.shops import _sql
from liveshelf.shops._tables import waivers as waivers_table
from liveshelf.shops.errors import NotWaivable, ShopNotOpen, WaiverInvalid
from liveshelf.shops.types import Shop
from liveshelf.trail.service import record

REASON_MAX = 200
WAIVERS_MAX = 1_000  # of one shop; a house with more exceptions than that has no rule
EVERYTHING = "everything"  # opening, papers and the live permission: what the operator's own command waives
WHOLE_SHOP = "shop"


class Profile(StrEnum):
    """Who runs the installation for whom."""

    OWN_HOUSE = "own_house"
    MARKETPLACE = "marketplace"


@dataclass(frozen=True, slots=True)
class Policy:
    """Which rules bind. Each value says what is allowed, so that the marketplace is the row of only `False`."""

    profile: Profile
    papers_waivable: bool  # a missing paper may be waived, and the waiver is written down
    human_passes_may_be_one_person: bool  # who works in the shop may be the human look at it
    command_opens_shops: bool  # `liveshelf shop create` makes a shop that is open, under a waiver
    simulator_is_merchant: bool  # simulated payment counts as a payment merchant that is bound


POLICIES: Mapping[Profile, Policy] = MappingProxyType(
    {
        Profile.OWN_HOUSE: Policy(
            Profile.OWN_HOUSE,
            papers_waivable=True,
            human_passes_may_be_one_person=True,
            command_opens_shops=True,
            simulator_is_merchant=True,
        ),
        Profile.MARKETPLACE: Policy(
            Profile.MARKETPLACE,
            papers_waivable=False,
            human_passes_may_be_one_person=False,
            command_opens_shops=False,
            simulator_is_merchant=False,
        ),
    }
)


@dataclass(frozen=True, slots=True)
class PolicySet:
    """The policy with who set it when; nobody has while it is the default."""

    policy: Policy
    changed_by: str | None
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Waiver:
    """A rule that did not bind once: `rule` of `subject` ("shop", "product:12"), by whom, why and when."""

    waiver_id: int
    rule: str
    subject: str
    reason: str
    actor: str
    at: datetime


async def policy(tx: ReadTx) -> Policy:
    """What binds now. An operator who has set nothing runs their own house."""
    return (await policy_set(tx)).policy


async def policy_set(tx: ReadTx) -> PolicySet:
    """The policy with who set it when."""
    row = await tx.one(_sql.POLICY)
    if row is None:
        return PolicySet(POLICIES[Profile.OWN_HOUSE], None, None)
    return PolicySet(POLICIES[Profile(row.profile)], row.changed_by, row.changed_at)


async def set_policy(tx: Tx, profile: Profile) -> PolicySet:
    """Let another profile bind. `tx` is the platform's. Setting what is set already changes nothing."""
    present = await policy_set(tx)
    if present.policy.profile is profile and present.changed_at is not None:
        return present
    await tx.execute(_sql.SET_POLICY, b_profile=profile.value, b_actor=str(tx.actor), b_moment=tx.now)
    record(tx, "policy.set", "policy", profile=profile.value, was=present.policy.profile.value)
    return PolicySet(POLICIES[profile], str(tx.actor), tx.now)


async def waive(tx: Tx, rule: str, subject: str = WHOLE_SHOP, *, reason: str) -> None:
    """Let a rule not bind for a subject of the transaction's shop, written down for good. Once is enough: a second
    time changes nothing.

    Raises `NotWaivable` where the policy forbids it, `WaiverInvalid` without a reason or after `WAIVERS_MAX`.
    """
    if not (await policy(tx)).papers_waivable:
        raise NotWaivable(rule=rule)
    reason = reason.strip()
    if not 1 <= len(reason) <= REASON_MAX or not is_plain(reason):
        raise WaiverInvalid(field="reason")
    present = await waivers(tx)
    if any((one.rule, one.subject) == (rule, subject) for one in present):
        return
    if len(present) >= WAIVERS_MAX:
        raise WaiverInvalid(f"A shop has at most {WAIVERS_MAX} waivers.", field="rule")
    tx.append(
        waivers_table,
        waiver_id=new_number(),
        rule=rule,
        subject=subject,
        reason=reason,
        actor=str(tx.actor),
        at=tx.now,
    )
    record(tx, "policy.waive", subject if ":" in subject else f"shop:{tx.shop}", rule=rule, reason=reason)


async def waivers(tx: ReadTx) -> list[Waiver]:
    """What was waived in the transaction's shop, the latest first, whether or not it still counts."""
    return [
        Waiver(row.waiver_id, row.rule, row.subject, row.reason, row.actor, row.at)
        for row in await tx.all(_sql.WAIVERS)
    ]


async def waived(tx: ReadTx, rule: str, subject: str = WHOLE_SHOP) -> bool:
    """Whether a rule does not bind for a subject now: it was waived for it or for the whole shop, and the policy
    still lets waivers count.
    """
    if not (await policy(tx)).papers_waivable:
        return False
    return bool(await tx.scalar(_sql.WAIVED, b_rules=[rule, EVERYTHING], b_subjects=[subject, WHOLE_SHOP]))


async def must_be_open(tx: ReadTx, shop: Shop) -> None:
    """Raises `ShopNotOpen` when the shop has not opened, or only under a waiver that counts no more."""
    if shop.opened_at is None:
        raise ShopNotOpen(reason="not_opened")
    if shop.opened_under_waiver and not (await policy(tx)).papers_waivable:
        raise ShopNotOpen("It was opened under a waiver, and the marketplace's rules bind now.", reason="waiver_ended")
