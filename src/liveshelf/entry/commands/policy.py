"""`liveshelf policy`: which rules of the house bind."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict

import click

from liveshelf.entry.commands.installation import database, opened
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.ids import PLATFORM
from liveshelf.platform.settings import Settings
from liveshelf.shops import policy as house
from liveshelf.shops.policy import PolicySet, Profile

OPERATOR = Actor(ActorKind.REVIEWER, "cli")


@click.group("policy")
def policy() -> None:
    """Which rules bind: own house or marketplace. 经营政策。"""


@policy.command("show")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def show(settings: Settings, *, as_json: bool) -> None:
    """Show the profile with what it allows."""
    with database(settings) as ready:
        _tell(asyncio.run(_read(ready)), as_json=as_json)


@policy.command("set")
@click.argument("profile", type=click.Choice([one.value for one in Profile]))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def set_profile(settings: Settings, profile: str, *, as_json: bool) -> None:
    """Let a profile bind from now on. On a marketplace, shops that were opened under a waiver have to apply."""
    with database(settings) as ready:
        _tell(asyncio.run(_set(ready, Profile(profile))), as_json=as_json)


async def _read(settings: Settings) -> PolicySet:
    async with opened(settings) as runtime, runtime.db.read() as tx:
        return await house.policy_set(tx)


async def _set(settings: Settings, profile: Profile) -> PolicySet:
    async with opened(settings) as runtime:
        return await runtime.db.write(OPERATOR, PLATFORM, lambda tx: house.set_policy(tx, profile))


def _tell(found: PolicySet, *, as_json: bool) -> None:
    told = {**asdict(found.policy), "changed_by": found.changed_by}
    if found.changed_at is not None:
        told["changed_at"] = found.changed_at.isoformat()
    click.echo(json.dumps(told) if as_json else "\n".join(f"{key}: {value}" for key, value in told.items()))
