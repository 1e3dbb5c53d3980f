"""Quotas: `/cgi-bin/clear_quota` and `/cgi-bin/openapi/quota/get`."""

from __future__ import annotations

from liveshelf.facades.wechat.calls import Call, call
from liveshelf.facades.wechat.envelope import Answer
from liveshelf.facades.wechat.errors import AppidAbsent, PathUnknown
from liveshelf.shops import queries, service
from liveshelf.shops.errors import CredentialUnknown
from liveshelf.shops.types import SUBMISSIONS

# The two calls whose daily number is not a number of calls: they draw from the pool of submissions.
_POOLED = frozenset({"goods.add", "goods.audit"})


@call("clear_quota", "/cgi-bin/clear_quota", anchor="11")
async def clear_quota(call: Call) -> Answer:
    """Set today's call quotas back to unused, ten times a month. Submissions stay spent."""
    if not call.params.has("appid"):
        raise AppidAbsent
    if call.params.text("appid") != call.appid:
        raise CredentialUnknown
    await call.write(service.clear_quotas)
    await call.desk.changed(call.shop)
    return {}


@call("quota.get", "/cgi-bin/openapi/quota/get", anchor="11")
async def get_quota(call: Call) -> Answer:
    """What a path allows today and what of it is used. Shares that other processes hold ahead of need count as used."""
    route = call.routes.get(call.params.text("cgi_path").partition("?")[0].lower())
    if route is None:
        raise PathUnknown
    key = SUBMISSIONS if route.name in _POOLED else route.quota
    async with call.read() as tx:
        found = next((state for state in await queries.quotas(tx) if state.key == key), None)
    if found is None:
        raise PathUnknown
    used = max(0, found.used - call.desk.shares.held(call.shop, found.key))
    return {"quota": {"daily_limit": found.limit, "used": used, "remain": max(0, found.limit - used)}}


ROUTES = (clear_quota, get_quota)
