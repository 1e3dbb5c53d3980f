"""From a recording to the review: stills are taken of it, and both wait for the machine and a person."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from functools import partial

from liveshelf.adapters.footage.types import Segment
from liveshelf.facades.video.studio import Studio
from liveshelf.flows import replay, replay_review, review, video
from liveshelf.flows.replay_review import STILLS_MAX
from liveshelf.flows.upload import in_decoder, keep
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.media.rules import read_picture
from liveshelf.platform.log import logger
from liveshelf.rooms import queries as rooms
from liveshelf.rooms.types import OPEN
from liveshelf.video import queries as pictures
from liveshelf.video.errors import PictureMissing

_log = logger("replays")


class Handed(Enum):
    """What came of handing in."""

    DONE = auto()
    NOT_OVER = auto()
    CLOSED = auto()  # the shop shows no replay of it: nobody's work is spent on what nobody will see


async def hand_in(studio: Studio, shop: ShopId, room_id: RoomId) -> Handed:
    """Hand a finished recording to the review, with stills, when its shop shows replays. A second time changes nothing.
    Raises `PictureMissing` when no still can be made of it.
    """
    runtime, footage = studio.runtime, studio.footage
    async with runtime.db.read(shop) as tx:
        room = await rooms.room(tx, room_id)
        found = await replay.finished(tx, footage, room_id)
        is_done = found is not None and await replay_review.is_handed_in(tx, room_id, found[0])
        stream = await pictures.stream(tx, room_id)
    if found is None:
        is_over = (room is None or room.state not in OPEN) and not stream.sending
        return Handed.DONE if is_over else Handed.NOT_OVER
    if is_done:
        return Handed.DONE
    if room is not None and room.switches.close_replay:  # of a broadcast that is over: until then it may change
        return Handed.CLOSED
    recording, segments = found
    stills = []
    for one in evenly(segments, STILLS_MAX):
        data = await studio.still(shop, room_id, one)
        if data is None:
            continue
        picture = await in_decoder(partial(read_picture, data))
        stills.append((await keep(runtime, review.MACHINE, shop, picture)).media_id)
    if not stills:
        raise PictureMissing
    seconds = sum(one.length_ms for one in segments) // 1000
    audit_id = await runtime.db.write(
        video.INGEST,
        shop,
        lambda tx: replay_review.hand_in(tx, room_id, recording=recording, seconds=seconds, stills=stills),
    )
    if audit_id is not None:
        _log.info("recording_handed_in", shop_id=shop, room_id=room_id, audit_id=audit_id, stills=len(stills))
    return Handed.DONE


def evenly(segments: Sequence[Segment], most: int) -> list[Segment]:
    """So many segments at most, spread evenly from the first to the last."""
    count = min(most, len(segments))
    return [segments[at * (len(segments) - 1) // max(1, count - 1)] for at in range(count)]
