"""What a shop's software signs in with: only for shops whose subject may call the API."""

from __future__ import annotations

from liveshelf.platform.db import Tx
from liveshelf.qualifications.listing import must_have_right
from liveshelf.qualifications.rights import Action
from liveshelf.shops import queries, service


async def renew(tx: Tx) -> tuple[str, str]:
    """A new secret for the shop's credential, or its first credential: appid and secret, shown this once.

    Raises `ShopNotOpen`, `RightMissing`.
    """
    await must_have_right(tx, Action.API)
    if not await queries.has_credential(tx):
        made, secret = await service.make_credential(tx)
        return made.appid, secret
    appid = (await queries.credential(tx)).appid
    return appid, await service.rotate_secret(tx, appid)
