"""`liveshelf doctor`: does what is stored agree with itself?"""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass, field

import click

from liveshelf.entry import migrate as schema
from liveshelf.entry import registry
from liveshelf.entry.commands.installation import database, opened
from liveshelf.payments import ledger
from liveshelf.platform import calendar, rounds
from liveshelf.platform.fanout import Bus
from liveshelf.platform.settings import Settings
from liveshelf.shops import queries as shops
from liveshelf.stock import audit
from liveshelf.timeline import queries as timelines
from liveshelf.trail import queries as trail


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, what is wrong, and what somebody should see to in time (both empty as a rule)."""

    check: str
    wrong: list[str]
    to_do: list[str] = field(default_factory=list)


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def doctor(settings: Settings, *, as_json: bool) -> None:
    """Compare the schema with the code, clocks with what is due, stock counters with their moves, the trail with its
    seals, and the records of broadcasts with their signatures. 自检。
    """
    with database(settings) as ready:
        findings = asyncio.run(_examine(ready))
    if as_json:
        click.echo(json.dumps([asdict(one) for one in findings], ensure_ascii=False))
    else:
        for one in findings:
            click.echo(f"{'WRONG' if one.wrong else 'to do' if one.to_do else 'ok   '} {one.check}")
            for line in one.wrong + one.to_do:
                click.echo(f"      {line}")
    if any(one.wrong for one in findings):
        raise SystemExit(1)


async def _examine(settings: Settings) -> list[Finding]:
    findings = [Finding("schema", await schema.schema_differences(settings.database_url))]
    async with opened(settings) as runtime:
        findings.append(await _bus(runtime.bus))
        findings.append(Finding("clocks fire in time", await rounds.trouble(runtime.db, registry.timers())))
        async with runtime.db.read() as tx:
            unknown = calendar.unknown_years(await calendar.working_days(tx), tx.now)
            findings.append(Finding("the calendar knows the holidays", [], [_unknown(year) for year in unknown]))
            every = [shop.shop_id for shop in await shops.shops(tx)]
        for shop in every:
            _, differences = await audit.examine(runtime.db, shop)
            async with runtime.db.read(shop) as tx:
                unbooked = await ledger.differences(tx)
                broken = await trail.verify(tx, runtime.keys)
                bent = [await timelines.verify(tx, runtime.keys, one) for one in await timelines.with_timeline(tx)]
            findings.append(
                Finding(f"shop {shop}: stock counters equal their moves", [str(one) for one in differences])
            )
            findings.append(
                Finding(
                    f"shop {shop}: the money ledger agrees with payments and refunds", [str(one) for one in unbooked]
                )
            )
            findings.append(Finding(f"shop {shop}: the trail is as it was sealed", [str(one) for one in broken]))
            findings.append(
                Finding(
                    f"shop {shop}: the records of broadcasts are as they were signed",
                    [f"room {one.room_id}: {one.bent}" for one in bent if one.bent is not None],
                )
            )
    return findings


async def _bus(bus: Bus) -> Finding:
    silent = "a message did not come back; is the server of LIVESHELF_BUS_URL up, and its password right?"
    return Finding("messages between processes arrive", [] if await bus.answers() else [silent])


def _unknown(year: int) -> str:
    return f"{year}: no holidays are known, so only weekends are off; enter them (docs/concepts/clocks.md)"
