"""Access tokens: `/cgi-bin/token` and `/cgi-bin/stable_token`."""

from __future__ import annotations

from liveshelf.facades.wechat.calls import GET, POST, Call, call
from liveshelf.facades.wechat.envelope import Answer
from liveshelf.facades.wechat.errors import AppidAbsent, GrantTypeWrong, SecretAbsent
from liveshelf.shops import issuing, service
from liveshelf.shops.types import Credential, Issued

GRANT = "client_credential"


@call("token", "/cgi-bin/token", GET, anchor="9.1", token=False)
async def plain_token(call: Call) -> Answer:
    """A new token; the one before lives five minutes longer."""
    credential = await authenticated(call, grant=GRANT)
    issued = await call.write(lambda tx: issuing.issue_plain(tx, call.runtime.keys, credential.appid))
    await call.desk.changed(credential.shop_id)
    return _answer(issued)


@call("stable_token", "/cgi-bin/stable_token", POST, anchor="9.2", token=False)
async def stable_token(call: Call) -> Answer:
    """The same token while it is good; a new one by force."""
    credential = await authenticated(call, grant=GRANT)
    if not call.params.flag("force_refresh", default=False):
        return _answer(await call.write(lambda tx: issuing.issue_stable(tx, call.runtime.keys, credential.appid)))
    issued = await call.write(lambda tx: issuing.refresh_stable(tx, call.runtime.keys, credential.appid))
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
        credential = await service.authenticate(tx, params.text("appid"), params.text("secret"))
    await call.identified(credential.shop_id, credential.appid)
    return credential


def _answer(issued: Issued) -> Answer:
    return {"access_token": issued.token, "expires_in": issued.expires_in_s}


ROUTES = (plain_token, stable_token)
