"""The machine stage of a review: what the rules find in a submitted card decides it, or leads it to a person."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from liveshelf.adapters.reading import Reader
from liveshelf.adapters.storage import Storage
from liveshelf.compliance import queries as compliance
from liveshelf.compliance import rules, screen
from liveshelf.compliance.lexicon import Lexicon
from liveshelf.compliance.types import Finding, Severity
from liveshelf.flows import casework
from liveshelf.flows.upload import in_decoder, keep
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.ids import AuditId, RoomId, ShopId
from liveshelf.media import queries as media
from liveshelf.media.rules import read_picture
from liveshelf.platform.log import logger
from liveshelf.platform.runtime import Runtime
from liveshelf.reviews import queries as cases
from liveshelf.reviews import service as cases_service
from liveshelf.reviews import types as reviews
from liveshelf.reviews.errors import CaseMissing, CaseNotWaiting
from liveshelf.reviews.types import CardSeen, CaseState, Content, ReviewKind, Stage, SubjectRef, Verdict

MACHINE = Actor(ActorKind.SYSTEM, "review-machine")

# Whose pictures may have no contact details; a paper has its holder's address by right.
_READ = frozenset({ReviewKind.GOODS, ReviewKind.ROOM, ReviewKind.REPLAY, ReviewKind.FRAME})

_log = logger("review")


async def machine_pass(runtime: Runtime, shop: ShopId, *, audit_id: int) -> None:
    """Judge a case that waits for the machine. One that was withdrawn or judged meanwhile, or that is not for the
    machine, is left alone.
    """
    async with runtime.db.read(shop) as tx:
        try:
            case = await cases.case(tx, audit_id)
        except CaseMissing:
            return
        lexicon = await compliance.lexicon(tx)
        pictures = [await media.stored(tx, one) for one in case.content.pictures]
    if case.state is not CaseState.MACHINE:
        return
    found = text_findings(case.content, lexicon)
    if case.kind is ReviewKind.GOODS:
        found += card_findings(case.submitted)
    for picture in pictures:
        data = await runtime.need(Storage).get(picture.sha256) if picture else None
        if picture is None or data is None:
            found.append(_unreadable())
        else:
            found.extend(await in_decoder(partial(rules.picture_findings, data, picture.fingerprint)))
            if case.kind in _READ:
                found.extend(screen.reading(await runtime.adapters.get(Reader, Reader()).read(data), lexicon=lexicon))
    found = list(dict.fromkeys(found))  # that no picture was read is said once, however many there are
    verdict = machine_verdict(found, lexicon.version, development=runtime.settings.development_review)
    try:
        await runtime.db.write(MACHINE, shop, lambda tx: casework.decide(tx, AuditId(audit_id), verdict))
    except CaseNotWaiting:
        _log.info("case_gone", shop_id=shop, audit_id=audit_id)


async def frame_seen(runtime: Runtime, shop: ShopId, room_id: RoomId, data: bytes, *, second: int) -> AuditId | None:
    """Look at a frame of a live picture, `second` seconds after the broadcast began. With a finding it is kept and
    joins the review queue under the room and the second, and its case is returned; otherwise nothing is kept of it.

    Raises as `media.rules.read_picture`.
    """
    picture = await in_decoder(partial(read_picture, data))
    async with runtime.db.read(shop) as tx:
        lexicon = await compliance.lexicon(tx)
    found = await in_decoder(partial(rules.picture_findings, picture.data, picture.fingerprint))
    lines = await runtime.adapters.get(Reader, Reader()).read(picture.data)
    # That the text of one frame was not read is no reason to ask a person: another frame comes in a moment.
    found += screen.reading(lines or (), lexicon=lexicon)
    if not found:
        return None
    kept = await keep(runtime, MACHINE, shop, picture)
    content = Content(pictures=(kept.media_id,), facts={"room_id": room_id, "second": second})
    subject = SubjectRef(f"frame:{room_id}:{second}")
    return await runtime.db.write(
        MACHINE,
        shop,
        lambda tx: cases_service.submit(
            tx, subject, kind=ReviewKind.FRAME, content=content, title=f"room {room_id}, second {second}"
        ),
    )


def text_findings(content: Content, lexicon: Lexicon | None = None) -> list[Finding]:
    """What the rules find in the texts of a case, each under the name of its field; a link is read as one, and is no
    text.
    """
    return [
        found
        for field, text in content.texts.items()
        if field != "url"
        for found in screen.text(text, field=field, lexicon=lexicon)
    ]


def card_findings(card: CardSeen) -> list[Finding]:
    """What the rules find in the link and the prices of a card."""
    return [*rules.link_findings(card.url), *rules.price_findings(card.price_type, card.price_fen, card.price2_fen)]


def machine_verdict(found: Sequence[Finding], version: str, *, development: bool) -> Verdict:
    """A certain finding refuses; anything else passes on, with what was found shown to the person.

    In development mode a pass approves by itself and carries the mark.
    """
    refusing = [one for one in found if one.severity is Severity.REFUSE]
    findings = tuple(
        reviews.Finding(one.rule, one.field, one.text, one.start, one.end, one.severity.value, one.zh, one.en, version)
        for one in found
    )
    if refusing:
        reasons = tuple(dict.fromkeys(one.reason for one in refusing))
        return Verdict(Stage.MACHINE, passed=False, findings=findings, reasons=reasons)
    return Verdict(Stage.MACHINE, passed=True, findings=findings, development=development)


def _unreadable() -> Finding:
    zh, en = "无法读取商品图片", "The cover can't be read."
    return Finding("picture.unreadable", "cover", "", 0, 0, Severity.REFUSE, "picture_unclear", zh, en)
