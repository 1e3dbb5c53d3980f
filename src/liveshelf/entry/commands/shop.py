"""`liveshelf shop`: make shops and their owners."""

from __future__ import annotations

import asyncio
import json
import secrets

import click

from liveshelf.accounts import service as accounts
from liveshelf.accounts.passwords import hash_password
from liveshelf.accounts.types import Role
from liveshelf.compliance import queries as compliance
from liveshelf.compliance.rules import refuse_illegal_text
from liveshelf.entry.commands.installation import database, opened
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import PLATFORM, AccountId
from liveshelf.platform.db import Tx
from liveshelf.platform.settings import Settings
from liveshelf.shops import credentials
from liveshelf.shops import service as shops
from liveshelf.shops.types import Shop


@click.group("shop")
def shop() -> None:
    """Shops. 店铺。"""


@shop.command("create")
@click.argument("name")
@click.option("--owner", required=True, help="User name of the owner's new account.")
@click.option("--display-name", help="What the owner is called on pages; the user name when absent.")
@click.option("--sandbox", is_flag=True, help="A shop for developers: it can be reset to its seed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def create(
    settings: Settings, name: str, owner: str, display_name: str | None, *, sandbox: bool, as_json: bool
) -> None:
    """Make a shop with an owner and a credential. Password and secret are shown once. On a marketplace the shop has to
    apply, and gets its credential afterwards.
    """
    with database(settings) as ready:
        try:
            made = asyncio.run(_create(ready, name, owner, display_name or owner, sandbox=sandbox))
        except DomainError as error:
            raise click.ClickException(error.detail) from error
    click.echo(
        json.dumps(made, ensure_ascii=False) if as_json else "\n".join(f"{key}: {value}" for key, value in made.items())
    )


async def _create(
    settings: Settings, name: str, owner: str, display_name: str, *, sandbox: bool
) -> dict[str, str | int]:
    password = secrets.token_urlsafe(15)
    password_hash = await hash_password(password)
    async with opened(settings) as runtime:

        async def make_both(tx: Tx) -> tuple[Shop, AccountId]:
            # Together: a user name that is taken must not leave a shop without an owner.
            account_id = await accounts.create_account(
                tx, username=owner, display_name=display_name, password=password, password_hash=password_hash
            )
            refuse_illegal_text(name, field="name", lexicon=await compliance.lexicon(tx))
            return await shops.create_shop(tx, name, sandbox=sandbox), account_id

        made, account_id = await runtime.db.write(SYSTEM, PLATFORM, make_both)

        async def join(tx: Tx) -> dict[str, str]:
            await accounts.join_shop(tx, account_id, Role.OWNER)
            if made.opened_at is None:  # on a marketplace it has to open first
                return {}
            credential, secret = await credentials.make_credential(tx)
            return {"appid": credential.appid, "secret": secret}

        told = await runtime.db.write(SYSTEM, made.shop_id, join)
    return {"shop_id": made.shop_id, "username": owner, "password": password, **told}
