"""`liveshelf timeline`: are the signed records of broadcasts as they were written?"""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from pathlib import Path

import click

from liveshelf.entry.commands.installation import database, opened
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.platform.settings import Settings
from liveshelf.shops import queries as shops
from liveshelf.timeline import export, queries
from liveshelf.timeline.types import Verdict


@click.group("timeline")
def timeline() -> None:
    """Signed records of broadcasts. 直播记录。"""


@timeline.command("verify")
@click.option("--shop", type=int, help="Only this shop.")
@click.option("--room", type=int, help="Only this room; with --shop.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def verify(settings: Settings, shop: int | None, room: int | None, *, as_json: bool) -> None:
    """Walk each chain and name its first link that was bent. Ends with 1 when there is one."""
    if room is not None and shop is None:
        raise click.UsageError("--room needs --shop: rooms are numbered shop by shop")
    with database(settings) as ready:
        try:
            found = asyncio.run(_verify(ready, shop, room))
        except DomainError as error:
            raise click.ClickException(error.detail) from error
    _tell(found, as_json=as_json)


@timeline.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--public-key", help="The signer's key in hex, when the one in the file is not to be trusted.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(file: Path, public_key: str | None, *, as_json: bool) -> None:
    """Check an exported timeline: needs neither this installation nor its database."""
    try:
        with file.open(encoding="utf-8") as text:
            verdict = export.check(text, public_key=public_key)
    except export.ExportUnreadableError as error:
        raise click.ClickException(f"{file} is not an exported timeline: {error}") from error
    _tell([(None, verdict)], as_json=as_json)


def _tell(found: list[tuple[int | None, Verdict]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([{"shop_id": shop, **asdict(verdict)} for shop, verdict in found], ensure_ascii=False))
    else:
        for shop, verdict in found:
            where = f"room {verdict.room_id}" if shop is None else f"shop {shop}, room {verdict.room_id}"
            told = f"{verdict.links} links, {verdict.seals} signatures" if verdict.bent is None else str(verdict.bent)
            click.echo(f"{'ok  ' if verdict.bent is None else 'BENT'} {where}: {told}")
    if any(verdict.bent is not None for _, verdict in found):
        raise SystemExit(1)


async def _verify(settings: Settings, only: int | None, room: int | None) -> list[tuple[int | None, Verdict]]:
    found: list[tuple[int | None, Verdict]] = []
    async with opened(settings) as runtime:
        async with runtime.db.read() as tx:
            every = [one.shop_id for one in await shops.shops(tx)] if only is None else [ShopId(only)]
        for shop in every:
            async with runtime.db.read(shop) as tx:
                room_ids = await queries.with_timeline(tx) if room is None else [RoomId(room)]
                found += [(shop, await queries.verify(tx, runtime.keys, room_id)) for room_id in room_ids]
    return found
