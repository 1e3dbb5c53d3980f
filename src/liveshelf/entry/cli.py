"""The command line. Commands are loaded when called, so that `serve` stays the small process it has to be."""

from __future__ import annotations

import importlib
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import click

from liveshelf.entry.serve import ServeOptions, ServeRefusedError, serve
from liveshelf.platform.settings import SettingInvalidError, Settings, read_settings

_COMMANDS = {
    "account": "liveshelf.entry.commands.account:account",
    "calendar": "liveshelf.entry.commands.calendar:calendar",
    "check-schema": "liveshelf.entry.commands.checks:check_schema",
    "clock": "liveshelf.entry.commands.clock:clock",
    "docs": "liveshelf.entry.commands.checks:docs",
    "doctor": "liveshelf.entry.commands.doctor:doctor",
    "drill": "liveshelf.entry.commands.drill:drill",
    "migrate": "liveshelf.entry.commands.migrate:migrate",
    "policy": "liveshelf.entry.commands.policy:policy",
    "openapi": "liveshelf.entry.commands.checks:openapi",
    "rehearse": "liveshelf.entry.commands.rehearse:rehearse_command",
    "reviews": "liveshelf.entry.commands.reviews:reviews",
    "sdk-proxy": "liveshelf.entry.commands.sdk_proxy:sdk_proxy",
    "shop": "liveshelf.entry.commands.shop:shop",
    "timeline": "liveshelf.entry.commands.timeline:timeline",
}


class _LazyGroup(click.Group):
    """A group that knows its commands' names and imports one when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, by name."""
        return sorted({*super().list_commands(ctx), *_COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name."""
        if place := _COMMANDS.get(cmd_name):
            module, name = place.split(":")
            return cast("click.Command", getattr(importlib.import_module(module), name))
        return super().get_command(ctx, cmd_name)


def default_data_dir() -> Path:
    """Where data lives when nobody says: the system's place for root, the user's own otherwise."""
    return Path("/var/lib/liveshelf") if os.geteuid() == 0 else Path.home() / ".local" / "share" / "liveshelf"


def settings_of(data: Path | None, **overrides: Any) -> Settings:  # noqa: ANN401 - any setting
    """The settings of a command on a data folder. A setting that can't be read ends the command with a sentence."""
    folder = data or Path(os.environ.get("LIVESHELF_DATA_DIR") or default_data_dir())
    try:
        return read_settings(data_dir=folder.expanduser().absolute(), **overrides)
    except SettingInvalidError as error:
        raise click.ClickException(str(error)) from error


_DATA = click.option("--data", type=click.Path(path_type=Path), help="Data folder. 数据目录")


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@_DATA
@click.version_option(package_name="liveshelf")
@click.pass_context
def main(context: click.Context, data: Path | None) -> None:
    """liveshelf: live commerce on your own machines. 自己的直播电商。"""
    context.obj = settings_of(data)


@main.command("serve")
@_DATA
@click.option("--host", help="Address to listen on (127.0.0.1).")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Port of the HTTP server (8000); the gateway takes the next free one."
)
@click.option("--demo/--no-demo", default=True, help="With or without the demo shop.")
@click.option(
    "--clock",
    type=click.Choice(["wall", "movable"]),
    default="wall",
    help="movable: `liveshelf clock advance` works here; decided when the folder is made.",
)
@click.option(
    "--profile",
    type=click.Choice(["demo", "test"]),
    default="demo",
    help="test: the least demo data, ready in seconds, for other people's CI.",
)
@click.option(
    "--development-review",
    is_flag=True,
    help="Goods pass review by machine alone; such verdicts are void once this is off.",
)
@click.option(
    "--expose-test-modes",
    is_flag=True,
    help="Listen on other addresses although test modes are on: everybody there may use them.",
)
@click.pass_context
def serve_command(
    context: click.Context,
    data: Path | None,
    host: str | None,
    port: int | None,
    *,
    demo: bool,
    clock: str,
    profile: str,
    development_review: bool,
    expose_test_modes: bool,
) -> None:
    """Run everything that one machine needs. 启动全部服务。"""
    base = settings_of(data) if data else cast("Settings", context.obj)
    settings = replace(
        base,
        host=host or base.host,
        port=port or base.port,
        development_review=development_review or base.development_review,
    )
    try:
        serve(ServeOptions(settings, demo, clock == "movable", profile, expose_test_modes))
    except ServeRefusedError as error:
        sys.exit(f"liveshelf: {error}")


if __name__ == "__main__":
    main()
