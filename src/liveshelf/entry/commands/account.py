"""`liveshelf account`: what only the operator of the machine may do for somebody who can't sign in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import click

from liveshelf.accounts import presence, service, signing_in
from liveshelf.accounts.errors import MemberUnknown
from liveshelf.accounts.types import Account
from liveshelf.entry.commands.installation import database, opened
from liveshelf.flows import hand_over
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import PLATFORM
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.settings import Settings


@click.group("account")
def account() -> None:
    """Accounts of people. 账号。"""


@account.command("password-link")
@click.argument("username")
@click.pass_obj
def password_link(settings: Settings, username: str) -> None:
    """Print a link by which the person sets a new password, once and within a day."""
    click.echo(_run(settings, _link, username))


@account.command("second-factor-off")
@click.argument("username")
@click.pass_obj
def second_factor_off(settings: Settings, username: str) -> None:
    """Turn somebody's second factor off: phone and recovery codes are lost. Their sessions end."""
    click.echo(_run(settings, _off, username))


@account.command("leaves-platform")
@click.argument("username")
@click.pass_obj
def leaves_platform(settings: Settings, username: str) -> None:
    """End somebody's role on the platform: sessions end, and the cases that they worked on go back into the queue."""
    click.echo(_run(settings, _leaves, username))


async def _link(runtime: Runtime, found: Account) -> str:
    token = await runtime.db.write(SYSTEM, PLATFORM, lambda tx: signing_in.password_link(tx, found.account_id))
    return f"{runtime.settings.public_url}/console/new-password#{token}"


async def _off(runtime: Runtime, found: Account) -> str:
    await runtime.db.write(SYSTEM, PLATFORM, lambda tx: signing_in.drop_second_factor(tx, found.account_id))
    await presence.cut(runtime.bus, found.account_id)
    return f"{found.username} signs in with the password alone now."


async def _leaves(runtime: Runtime, found: Account) -> str:
    cases = await hand_over.platform_left(runtime, found.account_id)
    return f"{found.username} works for the platform no more; {cases} cases went back into the queue."


def _run(settings: Settings, work: Callable[[Runtime, Account], Awaitable[str]], username: str) -> str:
    async def in_runtime(ready: Settings) -> str:
        async with opened(ready) as runtime:
            async with runtime.db.read() as tx:
                found = await service.stored_password(tx, username)
            if found is None:
                raise MemberUnknown("There is no such account.")
            return await work(runtime, found[0])

    with database(settings) as ready:
        try:
            return asyncio.run(in_runtime(ready))
        except DomainError as error:
            raise click.ClickException(error.detail) from error
