"""`liveshelf rehearse`: try a room out before it goes on air, with a crowd that is not real."""

from __future__ import annotations

import json
from types import MappingProxyType

import click
import uvloop

from liveshelf.entry.commands.installation import database, opened
from liveshelf.entry.rehearsal.keep import played
from liveshelf.entry.rehearsal.run import AnotherPlaysError, RoomNotPlannedError, end_on_sigterm
from liveshelf.flows import rehearse as rehearsing
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.platform import log
from liveshelf.platform.embedded import EmbeddedPostgresError
from liveshelf.platform.settings import Settings
from liveshelf.rehearsals.types import Check, Code, Outcome, Report, Step, Wish

_STEPS = MappingProxyType(
    {
        Step.SETTING_UP: "搭建副本 building the copy",
        Step.OPENING: "观众进场 opening the pages",
        Step.CROWD: "模拟观众 the crowd: watching, commenting, claiming, paying",
        Step.FAULTS: "故障 faults: what can die dies",
        Step.CAPACITY: "承载能力 how much can be carried",
        Step.JUDGING: "汇总 judging",
    }
)
_NAMES = MappingProxyType(
    {
        Code.REVIEW: "房间审核 review of the room",
        Code.PREFLIGHT: "开播检查 check before the start",
        Code.CHECKLIST: "开播清单 checklist",
        Code.LEGAL: "法务在场 legal role at the desk",
        Code.GOODS: "货架 goods on the shelf",
        Code.WATCHING: "观看 watching",
        Code.CARDS: "弹出商品 pushed cards",
        Code.COMMENTS: "评论 comments",
        Code.CLAIMS: "扣号 claims by comment",
        Code.PAYING: "下单支付 ordering and paying",
        Code.SOLD: "不超卖 nothing oversold",
        Code.CUT: "观众断线 connections cut",
        Code.HTTP: "HTTP 进程被杀 HTTP killed",
        Code.GATEWAY: "网关被杀 gateway killed",
        Code.WORKER: "后台进程被杀 worker killed",
        Code.DATABASE: "数据库被杀 database killed",
        Code.NOTICES: "支付通知丢失 lost payment notifications",
        Code.PICTURE: "画面 picture",
        Code.MACHINE: "这台机器 this machine",
        Code.UPLINK: "出口带宽 uplink",
        Code.DISK: "录制空间 room for the recording",
    }
)
_MARKS = MappingProxyType({Outcome.GO: "ok   ", Outcome.NO_GO: "NO   ", Outcome.NOT_TRIED: "-    "})


@click.command("rehearse")
@click.argument("room_id", type=click.IntRange(1))
@click.option("--shop", type=click.IntRange(1), required=True, help="The shop whose room it is. 店铺")
@click.option("--viewers", type=click.IntRange(1), default=200, help="How many are expected (200). 观众")
@click.option("--uplink-mbps", type=click.IntRange(1, 100_000), help="How wide the server's way out is. 出口带宽")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def rehearse_command(
    settings: Settings, room_id: int, *, shop: int, viewers: int, uplink_mbps: int | None, as_json: bool
) -> None:
    """Play a planned room with a simulated crowd, and say whether it can go on air. 彩排。

    A throw-away copy of the room is played; the room, its stock and its orders stay as they are. It takes some minutes
    at most. Exit code 1 when it says no.
    """
    wish = Wish(viewers, None if uplink_mbps is None else uplink_mbps * 1000)
    with database(settings) as ready:
        try:
            report = uvloop.run(rehearsed(ready, settings, (ShopId(shop), RoomId(room_id)), wish, quiet=as_json))
        except DomainError as error:
            raise click.ClickException(error.detail) from error
        except EmbeddedPostgresError as error:
            raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps({**as_plain(report), "go": report.go}, ensure_ascii=False))
    else:
        for one in report.checks:
            click.echo(told(one))
        click.echo(
            f"{report.took_ms / 1000:.0f} s, {report.cpus} CPUs, of which the crowd itself took"
            f" {report.crowd_cpu_percent} %"
        )
        click.echo("可以开播 GO" if report.go else "不能开播 NO GO")
    if not report.go:
        raise SystemExit(1)


async def rehearsed(
    ready: Settings, settings: Settings, room: tuple[ShopId, RoomId], wish: Wish, *, quiet: bool
) -> Report:
    """Ask for a rehearsal and play it here. Raises `click.ClickException`, and as `flows.rehearse.ask`."""
    end_on_sigterm()
    shop, room_id = room

    async def say(step: Step) -> None:
        if not quiet:
            click.echo(f"… {_STEPS[step]}")

    async with opened(ready) as runtime:
        log.configure("critical", "rehearsal")  # what is killed on purpose is no news
        asked = await runtime.db.write(
            SYSTEM, shop, lambda tx: rehearsing.ask(tx, settings, room_id, wish, played=True)
        )
        try:
            return await played(runtime, settings, shop, asked, say=say)
        except RoomNotPlannedError as error:
            raise click.ClickException(f"Room {room_id} has begun or was deleted meanwhile.") from error
        except AnotherPlaysError as error:
            raise click.ClickException(
                "Another rehearsal plays in this installation; wait until it is over."
            ) from error


def told(check: Check) -> str:
    """A check in one line."""
    facts = ", ".join(f"{name} {value}" for name, value in check.facts.items())
    return f"{_MARKS[check.outcome]} {_NAMES[check.code]}: {facts}"


def as_plain(report: Report) -> dict[str, object]:
    """The report as JSON has it."""
    plain = {name: getattr(report, name) for name in ("took_ms", "cpus", "crowd_cpu_percent", "goods")}
    checks = [
        {"area": one.area, "code": one.code, "outcome": one.outcome, "facts": dict(one.facts)} for one in report.checks
    ]
    return {"checks": checks, **plain}
