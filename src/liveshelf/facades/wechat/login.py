"""Login of buyers: `/sns/jscode2session`."""

from __future__ import annotations

from liveshelf.customers import service as customers
from liveshelf.facades.wechat.calls import GET, Call, call
from liveshelf.facades.wechat.envelope import Answer
from liveshelf.facades.wechat.errors import LoginCodeAbsent
from liveshelf.facades.wechat.token import authenticated

GRANT = "authorization_code"


@call("jscode2session", "/sns/jscode2session", GET, anchor="9.5", token=False)
async def code_to_session(call: Call) -> Answer:
    """The openid behind a login code, which works once and for five minutes."""
    if not call.params.has("js_code"):
        raise LoginCodeAbsent
    code = call.params.text("js_code")
    await authenticated(call, grant=GRANT)
    openid, session_key = await call.write(lambda tx: customers.use_code(tx, code))
    return {"openid": openid, "session_key": session_key}


ROUTES = (code_to_session,)
