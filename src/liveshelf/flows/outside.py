"""Pictures that an outside media server takes: it asks us about each sender, and tells when one is gone.

What we can't see we do not claim: there are no figures, no recording and no frames of such a picture, and its delay is
that server's. What it does to its room is the same.
"""

from __future__ import annotations

import contextlib
import hmac

from liveshelf.adapters.media_servers.dialects import CallbackUnreadableError, Happens, read
from liveshelf.flows import video
from liveshelf.kernel.errors import Missing
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import picture
from liveshelf.rooms import queries as rooms
from liveshelf.rooms.types import OPEN
from liveshelf.video import keys, queries
from liveshelf.video.errors import BroadcastOver, PushKeyExpired, PushKeyRefused
from liveshelf.video.types import Hold, Shown

NAME = "outside"  # what a hold of an outside server is called


async def hear(runtime: Runtime, *, dialect: str, secret: str, body: bytes) -> None:
    """What a media server tells. A refusal is raised, and means: drop the sender.

    Raises `Missing` for a false secret or an unknown callback, and as `flows.video.admit`.
    """
    ours = runtime.settings.media_server_secret
    if not ours or not hmac.compare_digest(ours.encode(), secret.encode()):
        raise Missing
    try:
        told = read(dialect, body)
    except CallbackUnreadableError as error:
        raise Missing from error
    if told.what is Happens.NOTHING:
        return
    said = keys.shown(told.name, told.query)
    if told.what is Happens.BEGINS:
        await _begins(runtime, said)
    elif told.what is Happens.GOES_ON:
        await _goes_on(runtime, said)
    else:
        await _ends(runtime, said)


async def _begins(runtime: Runtime, said: Shown) -> None:
    await video.admit(runtime, said, ingest=NAME, beats=False)
    await runtime.db.write(video.INGEST, said.shop, lambda tx: picture.came(tx, said.room_id))


async def _goes_on(runtime: Runtime, said: Shown) -> None:
    async with runtime.db.read(said.shop) as tx:
        stream, room = await queries.stream(tx, said.room_id), await rooms.room(tx, said.room_id)
        keys.check(runtime.keys, said, generation=stream.generation, now=tx.now)
    if room is None:
        raise PushKeyRefused
    if room.state not in OPEN:
        raise BroadcastOver(state=room.state.value)


async def _ends(runtime: Runtime, said: Shown) -> None:
    async def work(tx: Tx) -> None:
        stream = await queries.stream(tx, said.room_id)
        with contextlib.suppress(PushKeyExpired):  # who came in time may leave late
            keys.check(runtime.keys, said, generation=stream.generation, now=tx.now)
        # Whether the sender stopped or broke off, the server does not say: so it is waited for.
        hold = Hold(stream.run, stream.generation, NAME)
        await video.ended(tx, said.room_id, hold=hold, deliberately=False)

    await runtime.db.write(video.INGEST, said.shop, work)
