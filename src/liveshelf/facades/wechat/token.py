"""Access tokens: `/cgi-bin/token` and `/cgi-bin/stable_token`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from liveshelf.accounts.rules import masked_address
from liveshelf.facades.wechat.calls import GET, POST, Call, call
from liveshelf.facades.wechat.envelope import Answer
from liveshelf.facades.wechat.errors import AppidAbsent, GrantTypeWrong, SecretAbsent
from liveshelf.flows.credentials import may_have_credentials
from liveshelf.platform.db import Tx
from liveshelf.platform.signing import Keys
from liveshelf.shops import credentials, issuing
from liveshelf.shops.types import Credential, Issued

GRANT = "client_credential"
Issue: TypeAlias = Callable[[Tx, Keys, str], Awaitable[Issued]]


@call("token", "/cgi-bin/token", GET, anchor="9.1", token=False)
async def plain_token(call: Call) -> Answer:
    """A new token; the one before lives five minutes longer."""
    credential = await _admitted(call)
    issued = await call.write(lambda tx: _issue(tx, call, credential, issuing.issue_plain))
    await call.desk.changed(credential.shop_id)
    return _answer(issued)


@call("stable_token", "/cgi-bin/stable_token", POST, anchor="9.2", token=False)
async def stable_token(call: Call) -> Answer:
    """The same token while it is good; a new one by force."""
    credential = await _admitted(call)
    if not call.params.flag("force_refresh", default=False):
        return _answer(await call.write(lambda tx: _issue(tx, call, credential, issuing.issue_stable)))
    issued = await call.write(lambda tx: _issue(tx, call, credential, issuing.refresh_stable))
    await call.desk.changed(credential.shop_id)
    return _answer(issued)


async def authenticated(call: Call, *, grant: str) -> Credential:
    """The credential that the call names, counted. Raises the refusals of a wrong grant, appid or secret, in
    this order.
    """
    params = call.params
    if params.get("grant_type") != grant:
        raise GrantTypeWrong
    if not params.has("appid"):
        raise AppidAbsent
    if not params.has("secret"):
        raise SecretAbsent
    async with call.runtime.db.read() as tx:
        credential = await credentials.authenticate(tx, params.text("appid"), params.text("secret"))
    await call.identified(credential.shop_id, credential.appid)
    return credential


async def _admitted(call: Call) -> Credential:
    """The credential that asks for a token, from an address that may. Raises as `authenticated`, and
    `AddressNotAllowed`.
    """
    credential = await authenticated(call, grant=GRANT)
    credentials.check_address(credential, call.address)
    return credential


async def _issue(tx: Tx, call: Call, credential: Credential, issue: Issue) -> Issued:
    await may_have_credentials(tx)
    await credentials.used(tx, credential, address=masked_address(call.address))
    return await issue(tx, call.runtime.keys, credential.appid)


def _answer(issued: Issued) -> Answer:
    return {"access_token": issued.token, "expires_in": issued.expires_in_s}


ROUTES = (plain_token, stable_token)
