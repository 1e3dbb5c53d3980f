"""A replay is public only after two looks, and a newer recording only after two of its own."""

from __future__ import annotations

from functools import partial

import pytest

from liveshelf.adapters.reading import Reader
from liveshelf.adapters.storage import FolderStorage, Storage
from liveshelf.flows import casework, replay_review, review, upload
from liveshelf.kernel.actors import SYSTEM, Actor, ActorKind
from liveshelf.kernel.ids import AuditId, RoomId, ShopId
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.reviews import queries
from liveshelf.reviews.errors import SubmissionInvalid
from liveshelf.reviews.types import CaseState, Stage, Verdict
from liveshelf.rooms import service
from liveshelf.rooms.errors import RoomMissing
from liveshelf.rooms.types import RoomChanges, Switches
from tests.make import goods as make
from tests.make import pictures
from tests.make import rooms as make_rooms
from tests.make.shops import a_shop

SHOWN = Switches(close_replay=False)
REFUSAL = Verdict(Stage.PERSON, passed=False, reasons=("speech_illegal",))


@pytest.fixture
async def shop(runtime: Runtime, tmp_path) -> ShopId:
    runtime.provide(Storage, FolderStorage(tmp_path / "media"))
    return (await a_shop(runtime.db)).shop


@pytest.fixture
async def room_id(runtime: Runtime, shop: ShopId) -> RoomId:
    return await make_rooms.live_room(runtime.db, shop, switches=SHOWN)


async def handed_in(
    runtime: Runtime, shop: ShopId, room_id: RoomId, recording: str = "r1", stills: tuple[str, ...] = ()
) -> AuditId:
    async def work(tx: Tx) -> AuditId:
        return await replay_review.submit_replay(tx, room_id, recording=recording, seconds=3600, stills=stills)

    return await runtime.db.write(SYSTEM, shop, work)


async def public(runtime: Runtime, shop: ShopId, room_id: RoomId) -> str | None:
    async with runtime.db.read(shop) as tx:
        return await replay_review.replay_public(tx, room_id)


async def judged(runtime: Runtime, shop: ShopId, audit_id: AuditId, verdict: Verdict = make.PASS) -> CaseState:
    return await runtime.db.write(make.REVIEWER, shop, lambda tx: casework.decide(tx, audit_id, verdict))


@pytest.mark.feature("L-601", half=True)
async def test_a_replay_is_public_after_the_machine_and_a_person_and_not_before(
    runtime: Runtime, shop: ShopId, room_id: RoomId
):
    assert await public(runtime, shop, room_id) is None
    audit_id = await handed_in(runtime, shop, room_id)
    assert await public(runtime, shop, room_id) is None
    await review.machine_pass(runtime, shop, audit_id=audit_id)
    assert await public(runtime, shop, room_id) is None
    assert await judged(runtime, shop, audit_id) is CaseState.APPROVED
    assert await public(runtime, shop, room_id) == "r1"


async def test_a_newer_recording_takes_its_place_once_it_has_passed_itself(
    runtime: Runtime, shop: ShopId, room_id: RoomId
):
    first = await handed_in(runtime, shop, room_id)
    for verdict in (make.MACHINE_PASS, make.PASS):
        await judged(runtime, shop, first, verdict)
    dropped = await handed_in(runtime, shop, room_id, "r2")
    second = await handed_in(runtime, shop, room_id, "r3")  # of two that wait the later one counts
    async with runtime.db.read(shop) as tx:
        assert (await queries.case(tx, dropped)).state is CaseState.WITHDRAWN
    assert await public(runtime, shop, room_id) == "r1"
    await judged(runtime, shop, second, make.MACHINE_PASS)
    assert await judged(runtime, shop, second, REFUSAL) is CaseState.REJECTED
    assert await public(runtime, shop, room_id) == "r1"
    third = await handed_in(runtime, shop, room_id, "r4")
    for verdict in (make.MACHINE_PASS, make.PASS):
        await judged(runtime, shop, third, verdict)
    assert await public(runtime, shop, room_id) == "r4"


class FixedReader(Reader):
    """An engine that reads the same in every picture."""

    async def read(self, data: bytes) -> tuple[str, ...] | None:
        return ("加微信 tea_2026a",)


async def test_the_machine_looks_at_its_stills(runtime: Runtime, shop: ShopId, room_id: RoomId):
    runtime.provide(Reader, FixedReader())
    still = await upload.upload(runtime, make.STAFF, shop, pictures.jpeg(640, 360))
    audit_id = await handed_in(runtime, shop, room_id, stills=(still.media_id,))
    await review.machine_pass(runtime, shop, audit_id=audit_id)
    async with runtime.db.read(shop) as tx:
        assert (await queries.case(tx, audit_id)).state is CaseState.REJECTED


async def test_a_room_that_hides_its_replay_or_is_forbidden_shows_none(runtime: Runtime, shop: ShopId):
    hidden, gone = (
        await make_rooms.room(runtime.db, shop),
        await make_rooms.room(runtime.db, shop, switches=SHOWN),
    )
    for one in (hidden, gone):
        audit_id = await handed_in(runtime, shop, one)
        for verdict in (make.MACHINE_PASS, make.PASS):
            await judged(runtime, shop, audit_id, verdict)
    assert await public(runtime, shop, hidden) is None
    changes = RoomChanges(switches=SHOWN)
    await runtime.db.write(make.STAFF, shop, lambda tx: service.edit(tx, hidden, changes))
    assert await public(runtime, shop, hidden) == "r1"
    assert await public(runtime, shop, gone) == "r1"
    await runtime.db.write(SYSTEM, shop, lambda tx: service.ban(tx, gone))
    assert await public(runtime, shop, gone) is None


async def test_a_room_that_is_deleted_takes_its_waiting_recording_along(runtime: Runtime, shop: ShopId):
    for stage in ((), (make.MACHINE_PASS,)):
        one = await make_rooms.room(runtime.db, shop)
        audit_id = await handed_in(runtime, shop, one)
        for verdict in stage:
            await judged(runtime, shop, audit_id, verdict)
        await runtime.db.write(make.STAFF, shop, partial(replay_review.delete_room, room_id=one))
        async with runtime.db.read(shop) as tx:
            assert (await queries.case(tx, audit_id)).state is CaseState.WITHDRAWN
        with pytest.raises(RoomMissing):
            await handed_in(runtime, shop, one)


async def test_what_only_development_mode_approved_is_not_public_without_it(
    runtime: Runtime, shop: ShopId, room_id: RoomId
):
    audit_id = await handed_in(runtime, shop, room_id)
    await judged(runtime, shop, audit_id, Verdict(Stage.MACHINE, passed=True, development=True))
    assert await public(runtime, shop, room_id) == "r1"
    assert await runtime.db.write(SYSTEM, shop, replay_review.void_development_verdicts) == 1
    assert await public(runtime, shop, room_id) is None


async def test_bad_input_is_refused(runtime: Runtime, shop: ShopId, room_id: RoomId):
    with pytest.raises(RoomMissing):
        await handed_in(runtime, shop, RoomId(999))
    other = (await a_shop(runtime.db, "海边咖啡")).shop
    with pytest.raises(RoomMissing):
        await handed_in(runtime, other, room_id)
    for recording in ("", "r" * 101):
        with pytest.raises(SubmissionInvalid):
            await handed_in(runtime, shop, room_id, recording)
    with pytest.raises(SubmissionInvalid):
        await handed_in(runtime, shop, room_id, stills=("m",) * 21)
    reviewer = Actor(ActorKind.REVIEWER, "901")
    await runtime.db.write(
        reviewer, shop, lambda tx: replay_review.withdraw_replay(tx, room_id)
    )  # nothing waits: no error
