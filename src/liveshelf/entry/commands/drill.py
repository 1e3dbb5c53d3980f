"""`liveshelf drill`: prove on this very machine that nothing is sold twice."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from pathlib import Path

import click

from liveshelf.entry.drill.play import Plan, Played, play
from liveshelf.entry.drill.report import PURPOSE, ReportChangedError, verified, written
from liveshelf.platform import log
from liveshelf.platform.clock import wall_now
from liveshelf.platform.settings import Settings
from liveshelf.platform.signing import Keys, load_keys


@click.group("drill")
def drill() -> None:
    """Rushes with everything going wrong, in a folder of their own. 演练。"""


@drill.command("oversell")
@click.option("--buyers", type=click.IntRange(20, 100_000), default=10_000, help="How many want a piece (10000).")
@click.option("--stock", "pieces", type=click.IntRange(2, 10_000), default=100, help="How many pieces there are (100).")
@click.option("--seed", type=click.IntRange(0, 2**31), help="The same seed plays the same luck.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="Folder of the report.")
@click.pass_obj
def oversell(settings: Settings, *, buyers: int, pieces: int, seed: int | None, out: Path) -> None:
    """Many buyers, few pieces: processes and the database are killed, payments are doubled, delayed, lost and late.

    Ends with a signed report. Exit code 1 when a claim does not hold.
    """
    if buyers < pieces * 2:
        raise click.UsageError("A rush needs at least twice as many buyers as pieces.")
    plan = Plan(buyers, pieces, secrets.randbelow(2**31) if seed is None else seed)
    log.configure("critical", "drill")
    with tempfile.TemporaryDirectory(prefix="liveshelf-drill-") as folder:
        played = asyncio.run(play(plan, Path(folder), click.echo))
        keys = _keys(settings, Path(folder))
    files = written(out, plan, played, keys, at=wall_now())
    for one in played.claims:
        click.echo(f"{'ok   ' if one.held else 'WRONG'} {one.name}: {one.detail}")
    click.echo(f"{played.took_s:.1f} s; the report: {', '.join(map(str, files))}")
    _end(played)


@drill.command("verify")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def verify(settings: Settings, file: Path) -> None:
    """Whether a report is as it was signed, and by whom."""
    try:
        report, public = verified(file)
    except ReportChangedError as error:
        raise click.ClickException(f"{file} is not as it was signed, or no report of a drill") from error
    ours = _installed(settings) and _public(_keys(settings, settings.data_dir)) == public
    signer = "this installation" if ours else f"the key {public.hex()[:16]}…"
    verdict = "passed" if report["passed"] else "FAILED"
    click.echo(f"unchanged since it was signed by {signer}, {report['at']}: {verdict}")


def _keys(settings: Settings, folder: Path) -> Keys:
    """This installation's keys where there is one, else those of the folder."""
    return load_keys(settings.secret_key, settings.data_dir if _installed(settings) else folder)


def _installed(settings: Settings) -> bool:
    return bool(settings.secret_key) or (settings.data_dir / "keys" / "master").exists()


def _public(keys: Keys) -> bytes:
    return keys.seal_key(PURPOSE).public_key().public_bytes_raw()


def _end(played: Played) -> None:
    broken = [one.name for one in played.claims if not one.held]
    if broken:
        raise SystemExit(1)
