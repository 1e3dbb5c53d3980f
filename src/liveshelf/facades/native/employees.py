"""A shop's enterprise at WeCom, its employees, and the employees' own real-name check."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import delete, get, post, put

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Operator, SignedIn
from liveshelf.adapters.wecom.port import Corp
from liveshelf.adapters.wecom.simulator import simulated_corp, simulated_secret
from liveshelf.facades.native.shell import Cursor, Limit, LongId, Plain, RequestId, SmallId, instant, signed_in, staff
from liveshelf.flows import employment as flow
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications import employees
from liveshelf.shops import queries as shops

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
_WECOM = "/shops/{shop_id:int}/wecom"
_EMPLOYEES = "/shops/{shop_id:int}/employees"


class BindEnterprise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The enterprise's corp id, and the secret of an application that may see its address book."""

    request_id: RequestId
    corp_id: Word
    secret: Word


class Suggested(msgspec.Struct, frozen=True):
    """An enterprise at the simulator, in a demo."""

    corp_id: str
    secret: str


class EnterpriseView(msgspec.Struct, frozen=True):
    """The shop's enterprise. `lapsed` says why it does not count now: unbound, unread, refused; empty when it does.
    `refused` is WeCom's own code.
    """

    corp_id: str
    bound_at: str
    synced_at: str | None
    lapsed: str
    refused: str


class WecomView(msgspec.Struct, frozen=True):
    """The shop's enterprise, if it ever bound one; in a demo, one that can be bound."""

    enterprise: EnterpriseView | None
    suggested: Suggested | None


class EmployeeView(msgspec.Struct, frozen=True):
    """Somebody on the enterprise's list. `account` is what their account is called."""

    employee_id: str
    userid: str
    name: str
    account: str | None
    matched_at: str | None
    named_at: str | None


class EmployeesPage(msgspec.Struct, frozen=True):
    """A page of employees."""

    items: list[EmployeeView]
    next: str | None


class MatchEmployee(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The account that an employee has, by user name."""

    request_id: RequestId
    username: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class EmploymentView(msgspec.Struct, frozen=True):
    """A shop that the account is an employee of. `named` says that the real-name check was passed."""

    shop_id: int
    name: str
    named: bool
    lapsed: str


class RealName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who an employee is. The number is judged and not kept."""

    request_id: RequestId
    shop_id: SmallId
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    number: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


@get(_WECOM, dependencies=staff("shop.write"), tags=["employees"])
async def shown_enterprise(operator: Operator, runtime: Runtime) -> WecomView:
    """The shop's enterprise at WeCom."""
    return await _wecom(runtime, operator.shop)


@put(_WECOM, dependencies=staff("shop.write"), tags=["employees"])
async def bind_enterprise(data: BindEnterprise, operator: Operator, runtime: Runtime) -> WecomView:
    """Bind the shop to its enterprise at WeCom: its list is read first, and nothing is bound when that fails."""
    await flow.bind(runtime, operator.actor, operator.shop, Corp(data.corp_id.strip(), data.secret.strip()))
    return await _wecom(runtime, operator.shop)


@delete(_WECOM, dependencies=staff("shop.write"), tags=["employees"], status_code=200)
async def unbind_enterprise(operator: Operator, runtime: Runtime) -> WecomView:
    """End it: the enterprise's employees reach the shop no more."""
    await runtime.db.write(operator.actor, operator.shop, employees.unbind)
    return await _wecom(runtime, operator.shop)


@post(f"{_WECOM}/read", dependencies=staff("shop.write"), tags=["employees"], status_code=200)
async def read_employees(data: Plain, operator: Operator, runtime: Runtime) -> WecomView:  # noqa: ARG001 - a body like all writes
    """Read the list now; by itself it is read every minute."""
    await flow.read_now(runtime, operator.actor, operator.shop)
    return await _wecom(runtime, operator.shop)


@get(_EMPLOYEES, dependencies=staff("people.read"), tags=["employees"])
async def list_employees(
    operator: Operator,
    runtime: Runtime,
    *,
    matched: bool = False,
    cursor: Cursor = None,
    limit: Limit = None,
) -> EmployeesPage:
    """Who is on the enterprise's list; with `matched` only those who have an account here."""
    async with runtime.db.read(operator.shop) as tx:
        page = await employees.page(tx, runtime.keys, matched=matched, cursor=cursor, limit=limit)
        actors = {one.employee_id: str(Actor(ActorKind.STAFF, str(one.account_id))) for one in page.items}
        names = await accounts.names(tx, [actors[one.employee_id] for one in page.items if one.account_id])
    return EmployeesPage(
        [
            EmployeeView(
                str(one.employee_id),
                one.userid,
                one.name,
                names.get(actors[one.employee_id]),
                instant(one.matched_at),
                instant(one.named_at),
            )
            for one in page.items
        ],
        page.next,
    )


@put(f"{_EMPLOYEES}/{{employee_id:int}}/account", dependencies=staff("people.write"), tags=["employees"])
async def match_employee(employee_id: LongId, data: MatchEmployee, operator: Operator, runtime: Runtime) -> None:
    """Say which account an employee has. It is of use once they have passed the real-name check."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: employees.match(tx, employee_id, data.username))


@delete(f"{_EMPLOYEES}/{{employee_id:int}}/account", dependencies=staff("people.write"), tags=["employees"])
async def unmatch_employee(employee_id: LongId, operator: Operator, runtime: Runtime) -> None:
    """Take the account away: its sessions end at once."""
    await flow.unmatch(runtime, operator.actor, operator.shop, employee_id)


@get("/employments", dependencies=signed_in(), tags=["employees"])
async def list_employments(who: SignedIn, runtime: Runtime) -> list[EmploymentView]:
    """The shops that the account is an employee of, also while it can't work there."""
    return await _employments(runtime, who)


@post("/employments/real-name", dependencies=signed_in(), tags=["employees"], status_code=200)
async def pass_real_name(data: RealName, who: SignedIn, runtime: Runtime) -> list[EmploymentView]:
    """Pass the real-name check: the name that the enterprise's list has, and an identity number."""
    account, keys = who.account.account_id, runtime.keys
    await runtime.db.write(
        Actor(ActorKind.EMPLOYEE, str(account)),
        ShopId(data.shop_id),
        lambda tx: employees.pass_real_name(tx, keys, account, name=data.name, number=data.number),
    )
    return await _employments(runtime, who)


async def _employments(runtime: Runtime, who: SignedIn) -> list[EmploymentView]:
    async with runtime.db.read() as tx:
        found = await employees.of_account(tx, who.account.account_id)
    return [
        EmploymentView(one.shop, await _name(runtime, one.shop), one.named_at is not None, one.lapsed) for one in found
    ]


async def _wecom(runtime: Runtime, shop: ShopId) -> WecomView:
    async with runtime.db.read(shop) as tx:
        found = await employees.enterprise(tx)
    shown = None
    if found is not None:
        shown = EnterpriseView(
            found.corp_id, instant(found.bound_at), instant(found.synced_at), found.lapsed, found.refused
        )
    corp = simulated_corp(shop)
    suggested = Suggested(corp, simulated_secret(runtime.keys, corp)) if runtime.settings.demo else None
    return WecomView(shown, suggested)


async def _name(runtime: Runtime, shop: ShopId) -> str:
    async with runtime.db.read(shop) as tx:
        return (await shops.shop(tx)).name


ROUTES = [
    shown_enterprise,
    bind_enterprise,
    unbind_enterprise,
    read_employees,
    list_employees,
    match_employee,
    unmatch_employee,
    list_employments,
    pass_real_name,
]
