"""The policy of the house, and what was waived in a shop."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, post, put

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Operator
from liveshelf.facades.native.shell import RequestId, SmallId, instant, reviewer, staff
from liveshelf.flows import opening
from liveshelf.kernel.ids import PLATFORM, ProductId, ShopId
from liveshelf.platform.db import ReadTx
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications.types import PaperKind
from liveshelf.shops import policy, queries
from liveshelf.shops.policy import POLICIES, Policy, PolicySet, Profile, Waiver


class Rules(msgspec.Struct, frozen=True):
    """What a profile allows. All of it is forbidden on a marketplace."""

    profile: Profile
    papers_waivable: bool
    human_passes_may_be_one_person: bool
    command_opens_shops: bool
    simulator_is_merchant: bool


class PolicyView(msgspec.Struct, frozen=True):
    """What binds, who decided it, and what there is to choose from. `shops_to_close` would have to apply on a
    marketplace: they were opened under a waiver.
    """

    rules: Rules
    changed_by: str | None
    changed_at: str | None
    profiles: list[Rules]
    shops_to_close: int


class SetPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another profile."""

    request_id: RequestId
    profile: Profile


class WaiverView(msgspec.Struct, frozen=True):
    """One rule that did not bind once."""

    waiver_id: str
    rule: str
    subject: str
    reason: str
    by: str
    at: str


class WaiversView(msgspec.Struct, frozen=True):
    """What was waived in a shop, the latest first. `in_force` says whether waivers count at present."""

    in_force: bool
    items: list[WaiverView]


@get("/policy", dependencies=reviewer("policy.read"), tags=["policy"])
async def shown_policy(operator: Operator, runtime: Runtime) -> PolicyView:  # noqa: ARG001 - the check is the point
    """The policy of the house."""
    return await _shown(runtime)


@put("/policy", dependencies=reviewer("policy.write"), tags=["policy"])
async def set_policy(data: SetPolicy, operator: Operator, runtime: Runtime) -> PolicyView:
    """Let another profile bind, from the next request on."""
    await runtime.db.write(operator.actor, PLATFORM, lambda tx: policy.set_policy(tx, data.profile))
    return await _shown(runtime)


@get("/shops/{shop_id:int}/waivers", dependencies=staff("trail.read"), tags=["policy"])
async def shop_waivers(operator: Operator, runtime: Runtime) -> WaiversView:
    """What was waived in the shop."""
    return await waivers_view(runtime, operator.shop)


async def waivers_view(runtime: Runtime, shop: ShopId) -> WaiversView:
    """What was waived in a shop."""
    async with runtime.db.read(shop) as tx:
        found = await policy.waivers(tx)
        in_force = (await policy.policy(tx)).papers_waivable
        return WaiversView(in_force, await _waivers(tx, found))


async def _waivers(tx: ReadTx, found: list[Waiver]) -> list[WaiverView]:
    names = await accounts.names(tx, [one.actor for one in found])
    return [
        WaiverView(
            str(one.waiver_id),
            one.rule,
            one.subject,
            one.reason,
            names.get(one.actor, one.actor),
            instant(one.at),
        )
        for one in found
    ]


async def _shown(runtime: Runtime) -> PolicyView:
    async with runtime.db.read() as tx:
        found = await policy.policy_set(tx)
        names = await accounts.names(tx, [found.changed_by] if found.changed_by else [])
        under_waiver = sum(one.opened_under_waiver for one in await queries.shops(tx))
    return _view(found, names, under_waiver)


def _view(found: PolicySet, names: dict[str, str], under_waiver: int) -> PolicyView:
    by = found.changed_by
    return PolicyView(
        _rules(found.policy),
        None if by is None else names.get(by, by),
        instant(found.changed_at),
        [_rules(one) for one in POLICIES.values()],
        under_waiver,
    )


def _rules(one: Policy) -> Rules:
    return Rules(
        one.profile,
        papers_waivable=one.papers_waivable,
        human_passes_may_be_one_person=one.human_passes_may_be_one_person,
        command_opens_shops=one.command_opens_shops,
        simulator_is_merchant=one.simulator_is_merchant,
    )


class WaivePaper(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A paper that is not asked for this once: for one product, and why."""

    request_id: RequestId
    kind: PaperKind
    product_id: SmallId
    reason: Annotated[str, msgspec.Meta(max_length=policy.REASON_MAX)]


@post("/shops/{shop_id:int}/waivers", dependencies=staff("shop.write"), tags=["policy"])
async def waive_paper(data: WaivePaper, operator: Operator, runtime: Runtime) -> WaiversView:
    """Do without a paper of a product. Only in an own house, and written down for good."""
    await runtime.db.write(
        operator.actor,
        operator.shop,
        lambda tx: opening.waive_paper(tx, data.kind, ProductId(data.product_id), reason=data.reason),
    )
    return await waivers_view(runtime, operator.shop)


ROUTES = [shown_policy, set_policy, shop_waivers, waive_paper]
