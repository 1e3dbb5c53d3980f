"""What a shop's software signs in with: only for shops whose subject may call the API."""

from __future__ import annotations

from datetime import timedelta

from liveshelf.platform.db import ReadTx, Tx
from liveshelf.qualifications import queries as qualifications
from liveshelf.qualifications.errors import ApiNotAllowed
from liveshelf.qualifications.listing import must_have_right
from liveshelf.qualifications.rights import Action, Mode, Right, right
from liveshelf.shops import credentials, queries


async def may_have_credentials(tx: ReadTx) -> None:
    """Whether the shop's software may call the API: asked whenever it signs in, so that a right that ended ends there.
    Raises `ApiNotAllowed`.
    """
    if (await queries.shop(tx)).opened_under_waiver:
        return
    subject = await qualifications.subject(tx)
    if right(subject, Mode.SELF_RUN, Action.API) is Right.NO:
        raise ApiNotAllowed(subject=None if subject is None else subject.value)


async def renew(tx: Tx, *, overlap: timedelta) -> tuple[str, str]:
    """A new secret for the shop's credential, or its first credential: appid and secret, shown this once.

    Raises `ShopNotOpen`, `RightMissing`, `OverlapInvalid`.
    """
    await must_have_right(tx, Action.API)
    present = await queries.own_credential(tx)
    if present is None:
        made, secret = await credentials.make_credential(tx)
        return made.appid, secret
    return present.appid, await credentials.rotate_secret(tx, present.appid, overlap=overlap)
