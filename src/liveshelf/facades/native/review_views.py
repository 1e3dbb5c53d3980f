"""How review cases are shown, at the platform's desk and to the shop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import msgspec

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Operator, Permission
from liveshelf.facades.native.cards import GoodsView, goods_views
from liveshelf.facades.native.shell import instant
from liveshelf.goods import queries as goods
from liveshelf.goods.types import PriceType
from liveshelf.kernel.ids import AuditId, ShopId
from liveshelf.media.types import media_path
from liveshelf.platform.db import ReadTx
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications import categories
from liveshelf.reviews import queries
from liveshelf.reviews.service import APPEAL_WITHIN
from liveshelf.reviews.types import OF_SHOPS, CardSeen, Case, CaseState, Content, Finding, Given, ReviewKind, Stage
from liveshelf.shops import queries as shops

CaseVerb = Literal["decide", "take", "take_over", "release", "hand_over"]
OwnVerb = Literal["appeal"]

# Who judges a kind of case; everything else is the reviewers'.
_OF_OTHERS: Final[Mapping[ReviewKind, Permission]] = MappingProxyType(
    dict.fromkeys(OF_SHOPS, Permission.MERCHANTS_DECIDE)
)


def judged_by(kind: ReviewKind) -> Permission:
    """The permission that judges cases of a kind."""
    return _OF_OTHERS.get(kind, Permission.REVIEWS_DECIDE)


def judges(operator: Operator) -> list[ReviewKind]:
    """The kinds of cases that somebody judges."""
    return [kind for kind in ReviewKind if judged_by(kind) in operator.permissions]


class ShopBrief(msgspec.Struct, frozen=True):
    """Whose goods these are."""

    shop_id: int
    name: str


class FindingView(msgspec.Struct, frozen=True):
    """What the machine found: `start` to `end` of `field`, counted in Unicode characters."""

    rule: str
    field: str
    text: str
    start: int
    end: int
    severity: str
    zh: str
    en: str


class MachineView(msgspec.Struct, frozen=True):
    """The machine's verdict."""

    verdict: Literal["passed", "refused"]
    findings: list[FindingView]


class VerdictView(msgspec.Struct, frozen=True):
    """The verdict that decided the case."""

    by: str
    at: str
    reasons: list[str]
    note: str
    development: bool


class PreviousView(msgspec.Struct, frozen=True):
    """The card as it was last decided about."""

    name: str
    cover_url: str
    price_type: PriceType
    price_fen: int
    price2_fen: int | None


class CategoryNames(msgspec.Struct, frozen=True):
    """A category of goods by its names, from the top one down."""

    zh: str
    en: str


class ContentView(msgspec.Struct, frozen=True):
    """What was submitted: texts and facts by their field, pictures by their address, and the category of goods."""

    texts: dict[str, str]
    pictures: list[str]
    facts: dict[str, str | int | None]
    category: CategoryNames | None


class ReviewCase(msgspec.Struct, frozen=True):
    """One submission. `goods` shows the card as it was submitted; only cases about goods have one. `due_at` ends the
    platform's working days. `follows` is the case that this one comes after. `persons` must pass it, `first_pass_by`
    has.
    """

    audit_id: str
    kind: ReviewKind
    subject: str
    title: str
    shop: ShopBrief
    goods: GoodsView | None
    content: ContentView
    before: ContentView | None
    state: CaseState
    submitted_at: str
    waiting_since: str | None
    due_at: str | None
    missed: bool
    persons: int
    first_pass_by: str | None
    taken_by: str | None
    taken_at: str | None
    mine: bool
    follows: str | None
    appeal: str | None
    appealed_at: str | None
    machine: MachineView | None
    verdict: VerdictView | None
    rejected: VerdictView | None
    previous: PreviousView | None
    may: list[CaseVerb]


class OwnCase(msgspec.Struct, frozen=True):
    """A case as its shop sees it: how it stands, until when it is decided, and why it was refused."""

    audit_id: str
    kind: ReviewKind
    subject: str
    title: str
    state: CaseState
    submitted_at: str
    due_at: str | None
    missed: bool
    decided_at: str | None
    reasons: list[str]
    note: str
    findings: list[FindingView]
    follows: str | None
    appeal: str | None
    appeal_until: str | None
    may: list[OwnVerb]


@dataclass(frozen=True, slots=True)
class Asker:
    """Who looks at the desk: at cases that they may judge."""

    actor: str


async def desk_views(runtime: Runtime, cases: Sequence[Case], asker: Asker) -> list[ReviewCase]:
    """The cases as they are sent, read shop by shop: one shop's data may lie on a machine of its own."""
    views: dict[AuditId, ReviewCase] = {}
    for shop in dict.fromkeys(case.shop for case in cases):
        async with runtime.db.read(shop) as tx:
            views |= await _views_of_shop(tx, shop, [case for case in cases if case.shop == shop], asker)
    return [views[case.audit_id] for case in cases]


async def own_views(tx: ReadTx, cases: Sequence[Case], *, writes: bool) -> list[OwnCase]:
    """The shop's own cases as they are sent: one statement for however many."""
    given = await queries.verdicts(tx, [case.audit_id for case in cases])
    return [_own(tx, case, given.get(case.audit_id, []), writes=writes) for case in cases]


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read for all cases of a shop at once."""

    shop: ShopBrief
    names: dict[str, str]
    cards: dict[int, GoodsView]


async def _views_of_shop(tx: ReadTx, shop: ShopId, cases: Sequence[Case], asker: Asker) -> dict[AuditId, ReviewCase]:
    given = await queries.verdicts(tx, [case.audit_id for case in cases])
    people = [one.actor for many in given.values() for one in many]
    people += [who for case in cases for who in (case.taken_by, case.first_pass_by) if who is not None]
    found = await goods.goods_ever(tx, [case.goods_id for case in cases if case.kind is ReviewKind.GOODS])
    read = _Read(
        ShopBrief(shop, (await shops.shop(tx)).name),
        await accounts.names(tx, people),
        {view.goods_id: view for view in await goods_views(tx, found)},
    )
    return {case.audit_id: _view(case, read, given.get(case.audit_id, []), asker) for case in cases}


def _view(case: Case, read: _Read, given: Sequence[Given], asker: Asker) -> ReviewCase:
    of_goods = case.kind is ReviewKind.GOODS
    card = read.cards.get(case.number) if of_goods else None
    previous = case.previous if of_goods else None
    names = read.names
    return ReviewCase(
        str(case.audit_id),
        case.kind,
        case.subject,
        case.title,
        read.shop,
        None if card is None else _as_submitted(card, case.submitted),
        _content(case.content),
        None if case.before is None else _content(case.before),
        case.state,
        instant(case.submitted_at),
        instant(case.waiting_since),
        instant(case.due_at),
        case.missed,
        case.persons,
        _name(case.first_pass_by, names),
        _name(case.taken_by, names),
        instant(case.taken_at),
        case.taken_by == asker.actor,
        _text(case.follows),
        case.appeal,
        instant(case.appealed_at),
        _machine(given),
        _verdict(case, given, names),
        _rejected(case, given, names),
        None if previous is None else _previous(previous),
        _may(case, asker),
    )


def _may(case: Case, asker: Asker) -> list[CaseVerb]:
    if case.state is not CaseState.WAITING or case.first_pass_by == asker.actor:
        return []
    if case.taken_by is None:
        return ["decide", "take"]
    return ["decide", "release", "hand_over"] if case.taken_by == asker.actor else ["take_over"]


def _own(tx: ReadTx, case: Case, given: Sequence[Given], *, writes: bool) -> OwnCase:
    last = given[-1].verdict if given and case.state is CaseState.REJECTED else None
    until = None
    if case.state is CaseState.REJECTED and case.appealed_at is None and case.decided_at is not None:
        until = case.decided_at + APPEAL_WITHIN
    open_to_appeal = until is not None and until > tx.now
    return OwnCase(
        str(case.audit_id),
        case.kind,
        case.subject,
        case.title,
        case.state,
        instant(case.submitted_at),
        instant(case.due_at),
        case.missed,
        instant(case.decided_at),
        list(last.reasons) if last else [],
        last.note if last else "",
        _findings(last.findings) if last else [],
        _text(case.follows),
        case.appeal,
        instant(until) if open_to_appeal else None,
        ["appeal"] if open_to_appeal and writes else [],
    )


def _as_submitted(card: GoodsView, seen: CardSeen) -> GoodsView:
    return msgspec.structs.replace(
        card,
        name=seen.name,
        cover_url=media_path(seen.cover_media_id),
        url=seen.url,
        price_type=PriceType(seen.price_type),
        price_fen=seen.price_fen,
        price2_fen=seen.price2_fen,
    )


def _content(content: Content) -> ContentView:
    facts = {name: fact for name, fact in content.facts.items() if name != "category"}
    pictures = [media_path(one) for one in content.pictures]
    return ContentView(dict(content.texts), pictures, facts, _category(content.facts.get("category")))


def _category(code: str | int | None) -> CategoryNames | None:
    tree = categories.tree()
    one = tree.by_code.get(code) if isinstance(code, int) else None
    if one is None:
        return None
    top = next(root for root in tree.roots if root.code == one.root)
    return CategoryNames(f"{top.zh} › {one.zh}", f"{top.en} › {one.en}")


def _machine(given: Sequence[Given]) -> MachineView | None:
    last = next((one.verdict for one in reversed(given) if one.verdict.stage is Stage.MACHINE), None)
    if last is None:
        return None
    return MachineView("passed" if last.passed else "refused", _findings(last.findings))


def _findings(found: Sequence[Finding]) -> list[FindingView]:
    return [
        FindingView(one.rule, one.field, one.text, one.start, one.end, one.severity, one.zh, one.en) for one in found
    ]


def _verdict(case: Case, given: Sequence[Given], names: dict[str, str]) -> VerdictView | None:
    if case.state not in {CaseState.APPROVED, CaseState.REJECTED} or not given:
        return None
    return _said(given[-1], names)


def _rejected(case: Case, given: Sequence[Given], names: dict[str, str]) -> VerdictView | None:
    """The rejection that an appeal is against."""
    if case.appealed_at is None:
        return None
    first = next((one for one in given if not one.verdict.passed), None)
    return None if first is None else _said(first, names)


def _said(one: Given, names: dict[str, str]) -> VerdictView:
    verdict = one.verdict
    by = names.get(one.actor, one.actor)
    return VerdictView(by, instant(one.at), list(verdict.reasons), verdict.note, verdict.development)


def _previous(seen: CardSeen) -> PreviousView:
    return PreviousView(
        seen.name, media_path(seen.cover_media_id), PriceType(seen.price_type), seen.price_fen, seen.price2_fen
    )


def _name(who: str | None, names: dict[str, str]) -> str | None:
    return None if who is None else names.get(who, who)


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
