"""A paper's way in and out: read, sealed, stored, then written down; and shown through a signed link to the one person
who asked for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from liveshelf.adapters.storage import Storage
from liveshelf.flows.upload import in_decoder
from liveshelf.kernel.actors import Actor
from liveshelf.kernel.ids import AccountId, ShopId
from liveshelf.kernel.time import china_day, unix
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.signing import SealBrokenError
from liveshelf.qualifications import paperwork, queries
from liveshelf.qualifications.errors import LinkOver
from liveshelf.qualifications.files import read_file
from liveshelf.qualifications.types import Paper, PaperDraft

LINK_S = 120  # from the click to the page; a link is for looking, not for keeping
_PURPOSE = "paper-link"


class _Link(msgspec.Struct, frozen=True, array_like=True):
    shop: int
    paper_id: int
    account: int
    until: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A paper as it is sent to whoever may see it."""

    paper: Paper
    data: bytes


async def hand_in(runtime: Runtime, actor: Actor, shop: ShopId, draft: PaperDraft, *, data: bytes) -> int:
    """Take a paper in. Raises as `files.read_file` and `paperwork.hand_in`; then nothing is kept."""
    async with runtime.db.read(shop) as tx:
        paperwork.checked(draft, today=china_day(tx.now))
    file = await in_decoder(lambda: read_file(data))
    # The bytes are stored before the row, which so never points at nothing.
    sha256 = await runtime.need(Storage).put(paperwork.seal_file(runtime.keys, file))
    return await runtime.db.write(
        actor, shop, lambda tx: paperwork.hand_in(tx, runtime.keys, draft, file=file, sha256=sha256)
    )


async def link(runtime: Runtime, shop: ShopId, paper_id: int, account: AccountId) -> str:
    """The token of a link that shows a paper to one person for `LINK_S`. Raises `PaperUnknown`."""
    async with runtime.db.read(shop) as tx:
        paper = await queries.paper(tx, paper_id)
    until = unix(wall_now()) + LINK_S
    return runtime.keys.sign(_PURPOSE, msgspec.json.encode(_Link(shop, paper.paper_id, account, until)))


async def follow(runtime: Runtime, token: str, account: AccountId, actor: Actor) -> Shown:
    """What a link leads to, for the person it was made for; that they looked is written down before it is shown.

    Raises `LinkOver`, `PaperUnknown`.
    """
    try:
        said = msgspec.json.decode(runtime.keys.verify(_PURPOSE, token), type=_Link)
    except (SealBrokenError, msgspec.MsgspecError) as error:
        raise LinkOver from error
    if said.account != account or said.until < unix(wall_now()):
        raise LinkOver
    shop = ShopId(said.shop)
    async with runtime.db.read(shop) as tx:
        paper = await queries.paper(tx, said.paper_id)
    stored = await runtime.need(Storage).get(paper.file_sha256)
    if stored is None:
        raise LinkOver

    async def look(tx: Tx) -> None:
        paperwork.opened(tx, paper)

    await runtime.db.write(actor, shop, look)
    return Shown(paper, paperwork.open_file(runtime.keys, stored))
