"""`liveshelf reviews`: the desk on the command line. Whoever may run it may decide; the history says `reviewer:cli`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import click

from liveshelf.entry.commands.installation import database, opened
from liveshelf.flows import casework
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import AuditId
from liveshelf.kernel.paging import LIMIT_MAX
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.settings import Settings
from liveshelf.reviews import queries
from liveshelf.reviews.reasons import CATALOGUE, check_note, check_rejection
from liveshelf.reviews.types import Case, ReviewKind, Stage, Verdict

T = TypeVar("T")

DESK = Actor(ActorKind.REVIEWER, "cli")


@click.group("reviews")
def reviews() -> None:
    """Review goods without a browser. 审核。"""


@reviews.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_waiting(settings: Settings, *, as_json: bool) -> None:
    """Cases that wait for a person, the longest wait first."""
    cases = _run(settings, waiting)
    if as_json:
        click.echo(json.dumps(cases, ensure_ascii=False))
        return
    for case in cases:
        click.echo(f"{case['audit_id']}  shop {case['shop_id']}  {case['subject'].replace(':', ' ')}  {case['name']}")
    click.echo(f"{len(cases)} waiting")


@reviews.command("approve")
@click.argument("audit_id", type=click.IntRange(min=1, max=2**63 - 1))
@click.option("--note", default="", help="For the history.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def approve(settings: Settings, audit_id: int, note: str, *, as_json: bool) -> None:
    """Let the goods of a case pass."""
    _tell(_run(settings, lambda runtime: decide(runtime, audit_id, approval(note))), as_json=as_json)


@reviews.command("reject", epilog="Reasons: " + " ".join(reason.code for reason in CATALOGUE))
@click.argument("audit_id", type=click.IntRange(min=1, max=2**63 - 1))
@click.option("--reason", "reasons", multiple=True, required=True, help="A reason's code; may be given several times.")
@click.option("--note", default="", help="For the merchant.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def reject(settings: Settings, audit_id: int, reasons: tuple[str, ...], note: str, *, as_json: bool) -> None:
    """Refuse the goods of a case."""
    _tell(_run(settings, lambda runtime: decide(runtime, audit_id, rejection(reasons, note))), as_json=as_json)


async def waiting(runtime: Runtime) -> list[dict[str, Any]]:
    """All that waits, as it is printed."""
    found: list[Case] = []
    cursor: str | None = None
    async with runtime.db.read() as tx:
        while True:
            page = await queries.waiting(tx, cursor=cursor, limit=LIMIT_MAX)
            found.extend(page.items)
            cursor = page.next
            if cursor is None:
                return [_told(case) for case in found]


async def decide(runtime: Runtime, audit_id: int, verdict: Verdict) -> dict[str, Any]:
    """Give a person's verdict and return the case as it is printed. Raises as `flows.casework.decide`."""
    async with runtime.db.read() as tx:
        case = await queries.case_anywhere(tx, audit_id)
    await runtime.db.write(DESK, case.shop, lambda tx: casework.decide(tx, AuditId(audit_id), verdict))
    async with runtime.db.read() as tx:
        return _told(await queries.case_anywhere(tx, audit_id))


def approval(note: str) -> Verdict:
    """A pass. Raises `NoteInvalid`."""
    check_note(note)
    return Verdict(Stage.PERSON, passed=True, note=note)


def rejection(reasons: tuple[str, ...], note: str) -> Verdict:
    """A rejection. Raises `ReasonsInvalid`, `NoteInvalid`."""
    return Verdict(Stage.PERSON, passed=False, reasons=check_rejection(reasons, note), note=note)


def _run(settings: Settings, work: Callable[[Runtime], Awaitable[T]]) -> T:
    async def on_installation() -> T:
        async with opened(ready) as runtime:
            return await work(runtime)

    with database(settings) as ready:
        try:
            return asyncio.run(on_installation())
        except DomainError as error:
            raise click.ClickException(error.detail) from error


def _tell(case: dict[str, Any], *, as_json: bool) -> None:
    click.echo(json.dumps(case, ensure_ascii=False) if as_json else f"{case['audit_id']} {case['state']}")


def _told(case: Case) -> dict[str, Any]:
    return {
        "audit_id": str(case.audit_id),
        "shop_id": case.shop,
        "kind": case.kind.value,
        "subject": case.subject,
        "goods_id": case.goods_id if case.kind is ReviewKind.GOODS else None,
        "state": case.state.value,
        "name": case.title,
        "submitted_at": case.submitted_at.isoformat(),
        "due_at": case.due_at.isoformat() if case.due_at else None,
        "waiting_since": case.waiting_since.isoformat() if case.waiting_since else None,
    }
