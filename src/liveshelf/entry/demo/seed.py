"""Makes the demo shop, through the doors that people use, and completes what an earlier start left undone.

Every step looks first and makes only what is missing, so a start that was killed in the middle is continued by the
next. Once the seeding has come to its end, later starts change nothing but the addresses in `demo.json`, and plan a
broadcast anew whose time has passed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from liveshelf.accounts import service as accounts
from liveshelf.accounts.errors import UsernameTaken
from liveshelf.accounts.passwords import hash_password, password_matches
from liveshelf.accounts.types import PlatformRole, Role
from liveshelf.entry.demo.catalogue import SHOP_NAME
from liveshelf.entry.demo.shopkeeper import Shopkeeper, Staff
from liveshelf.entry.demo.told import FILE, Told
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import PLATFORM, AccountId, ShopId
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.shops import credentials
from liveshelf.shops import queries as shop_queries
from liveshelf.shops import service as shops
from liveshelf.shops.errors import CredentialMissing


async def seed_demo(runtime: Runtime, data_dir: Path, *, profile: str = "demo") -> None:
    """Seed the demo shop and write `demo.json`. Safe to repeat and to be killed at any moment.

    `profile` "test" makes the least: shop, accounts, credential, two rooms and three goods with small pictures.
    """
    told = Told(data_dir, profile)
    told.save()  # before the accounts: their passwords must not be lost with a start that dies
    shop = await _shop(runtime)
    if not told.complete:
        _say("making the demo shop, a few seconds")
        await _credential(runtime, shop, told)
        await _people(runtime, shop, told)
    keeper = await _keeper(runtime, shop, told)
    if not told.complete:
        await keeper.stock_up()
    room_id = await keeper.broadcast(again_only=told.complete)
    if not told.complete:
        await keeper.liven_up(room_id)
    told.content["complete"] = True
    told.point_at(runtime.settings.public_url, shop, room_id)
    told.save()


async def reseed(runtime: Runtime, shop: ShopId) -> None:
    """Put back the goods, rooms and buyers of the demo shop after it was emptied. Other shops have no seed.

    Accounts, passwords and the credential are as they were.
    """
    data_dir = runtime.settings.data_dir
    if not (data_dir / FILE).exists():
        return
    told = Told(data_dir, "demo")
    if told.content.get("shop_id") != shop:
        return
    keeper = await _keeper(runtime, shop, told)
    await keeper.stock_up()
    room_id = await keeper.broadcast(again_only=False)
    await keeper.liven_up(room_id)
    told.point_at(runtime.settings.public_url, shop, room_id)
    told.save()


async def _shop(runtime: Runtime) -> ShopId:
    async with runtime.db.read() as tx:
        for one in await shop_queries.shops(tx):
            if one.sandbox and one.name == SHOP_NAME:
                return one.shop_id
    made = await runtime.db.write(SYSTEM, PLATFORM, lambda tx: shops.create_shop(tx, SHOP_NAME, sandbox=True))
    return made.shop_id


async def _credential(runtime: Runtime, shop: ShopId, told: Told) -> None:
    async with runtime.db.read(shop) as tx:
        try:
            present = (await shop_queries.credential(tx)).appid
        except CredentialMissing:
            present = ""
    if present and told.content["wechat"].get("appid") == present:
        return
    if present:
        # It was made, and the start died before it could be written down: nobody has seen that secret.
        secret = await runtime.db.write(SYSTEM, shop, lambda tx: credentials.rotate_secret(tx, present))
        told.content["wechat"] = {"appid": present, "secret": secret}
    else:
        made, secret = await runtime.db.write(SYSTEM, shop, credentials.make_credential)
        told.content["wechat"] = {"appid": made.appid, "secret": secret}
    told.save()


async def _keeper(runtime: Runtime, shop: ShopId, told: Told) -> Shopkeeper:
    ids: dict[str, AccountId] = {}
    async with runtime.db.read() as tx:
        for account in told.accounts:
            if (stored := await accounts.stored_password(tx, account["username"])) is not None:
                ids[account["role"]] = stored[0].account_id
    staff = Staff(ids["operator"], ids["anchor"], ids["reviewer"], ids["service"], told.content["wechat"]["appid"])
    return Shopkeeper(runtime, shop, staff, small=told.content["profile"] == "test")


async def _people(runtime: Runtime, shop: ShopId, told: Told) -> None:
    # One after the other: each hash takes 64 MB while it is made.
    for account in told.accounts:
        await _person(runtime, shop, account)
    told.save()  # a name may have been taken


async def _person(runtime: Runtime, shop: ShopId, account: dict[str, str]) -> None:
    """Make the account if it is not there, under the next free name when somebody else has that name."""
    name, number = account["username"], 1
    while True:
        async with runtime.db.read() as tx:
            stored = await accounts.stored_password(tx, account["username"])
        if stored is None and await _made(runtime, shop, account):
            return
        if stored is not None and await password_matches(stored[1], account["password"]):
            return
        number += 1
        account["username"] = f"{name}{number}"


async def _made(runtime: Runtime, shop: ShopId, account: dict[str, str]) -> bool:
    """Make the account; false when its name is taken after all, by an account that was disabled."""
    platform = account["role"] if account["role"] in set(PlatformRole) else None
    hashed = await hash_password(account["password"])

    async def work(tx: Tx) -> None:
        account_id = await accounts.create_account(
            tx,
            username=account["username"],
            display_name=account["display_name"],
            password=account["password"],
            password_hash=hashed,
            platform_role=None if platform is None else PlatformRole(platform),
            demo=True,
        )
        if platform is None:
            await accounts.join_shop(tx, account_id, Role(account["role"]))

    try:
        await runtime.db.write(SYSTEM, shop, work)
    except UsernameTaken:
        return False
    return True


def _say(text: str) -> None:
    sys.stdout.write(f"liveshelf: {text}\n")
    sys.stdout.flush()
