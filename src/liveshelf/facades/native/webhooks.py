"""The developer's desk for message push: where the shop's server listens, what it was told, and sending again."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import delete, get, post, put
from litestar.params import QueryParameter

from liveshelf.accounts.types import Operator, Permission
from liveshelf.facades.native.shell import Cursor, Limit, LongId, Plain, RequestId, instant, staff
from liveshelf.flows import pushes
from liveshelf.platform.runtime import Runtime
from liveshelf.webhooks import queries, service
from liveshelf.webhooks.errors import DeliveryMissing
from liveshelf.webhooks.rules import URL_MAX
from liveshelf.webhooks.types import Delivery, DeliveryState, EndpointDraft, MessageForm, MessageMode, Try, TryOutcome

_PATH = "/shops/{shop_id:int}/developer/webhook"
_READ = staff("developer.read")
_WRITE = staff("developer.write")

Url = Annotated[str, msgspec.Meta(max_length=URL_MAX)]
# `state` itself is a name that the framework keeps for its own.
InState = Annotated[DeliveryState | None, QueryParameter(name="state", description="Only deliveries in this state.")]


class EndpointView(msgspec.Struct, frozen=True):
    """Where the shop's server listens. Of token and key only the last characters are shown."""

    url: str
    backup_url: str
    mode: MessageMode
    form: MessageForm
    token_hint: str
    key_hint: str
    enabled: bool
    verified_at: str
    changed_at: str


class WebhookView(msgspec.Struct, frozen=True):
    """The endpoint, if there is one, with how many messages wait, were delivered or given up in seven days."""

    endpoint: EndpointView | None
    waiting: int
    delivered: int
    given_up: int
    may: list[str]


class EndpointSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to tell, and how. A token or key that is absent or null stays as it is."""

    request_id: RequestId
    url: Url
    mode: MessageMode
    form: MessageForm
    backup_url: Url = ""
    token: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    aes_key: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    enabled: bool = True


class WebhookDelivery(msgspec.Struct, frozen=True):
    """A message to the shop's server. `message` is its content as JSON, unsealed."""

    delivery_id: str
    event: str
    message: str
    state: DeliveryState
    runs: int
    send_at: str | None
    made_at: str
    done_at: str | None


class TryView(msgspec.Struct, frozen=True):
    """One call of the server, and how it ended."""

    at: str
    backup: bool
    outcome: TryOutcome
    status: int | None
    ms: int
    excerpt: str
    by_hand: bool


class DeliveryWhole(msgspec.Struct, frozen=True):
    """A message with all its tries."""

    delivery: WebhookDelivery
    tries: list[TryView]


class DeliveryPage(msgspec.Struct, frozen=True):
    """A page of messages, the latest first."""

    items: list[WebhookDelivery]
    next: str | None
    total: int | None


@get(_PATH, dependencies=_READ, tags=["developer"])
async def read_webhook(operator: Operator, runtime: Runtime) -> WebhookView:
    """Where the shop's server listens."""
    return await _webhook(operator, runtime)


@put(_PATH, dependencies=_WRITE, tags=["developer"])
async def set_webhook(data: EndpointSet, operator: Operator, runtime: Runtime) -> WebhookView:
    """Keep where the shop's server listens. Each address must answer a signed GET with its echostr within 5 seconds."""
    draft = EndpointDraft(
        data.url, data.backup_url, data.mode, data.form, data.token, data.aes_key, enabled=data.enabled
    )
    await pushes.configure(runtime, operator, draft)
    return await _webhook(operator, runtime)


@delete(_PATH, dependencies=_WRITE, tags=["developer"], status_code=200)
async def remove_webhook(operator: Operator, runtime: Runtime) -> WebhookView:
    """Tell nobody any more. Messages that wait go to whatever is set within a day."""
    await runtime.db.write(operator.actor, operator.shop, service.remove_endpoint)
    return await _webhook(operator, runtime)


@get(f"{_PATH}/deliveries", dependencies=_READ, tags=["developer"])
async def list_deliveries(
    operator: Operator, runtime: Runtime, *, state_: InState = None, cursor: Cursor = None, limit: Limit = None
) -> DeliveryPage:
    """What the server was told in the last seven days, the latest first."""
    async with runtime.db.read(operator.shop) as tx:
        page = await queries.deliveries(tx, state=state_, cursor=cursor, limit=limit)
    return DeliveryPage([_view(one) for one in page.items], page.next, page.total)


@get(f"{_PATH}/deliveries/{{delivery_id:int}}", dependencies=_READ, tags=["developer"])
async def one_delivery(delivery_id: LongId, operator: Operator, runtime: Runtime) -> DeliveryWhole:
    """A message with all its tries."""
    return await _delivery(operator, runtime, delivery_id)


@post(f"{_PATH}/deliveries/{{delivery_id:int}}/send-again", dependencies=_WRITE, tags=["developer"], status_code=200)
async def send_again(delivery_id: LongId, data: Plain, operator: Operator, runtime: Runtime) -> DeliveryWhole:  # noqa: ARG001 - a body like all writes
    """Send a message once more, now; the last of its tries says how that ended."""
    await pushes.send_again(runtime, operator, delivery_id)
    return await _delivery(operator, runtime, delivery_id)


async def _webhook(operator: Operator, runtime: Runtime) -> WebhookView:
    async with runtime.db.read(operator.shop) as tx:
        found, counts = await queries.endpoint(tx), await queries.counts(tx)
    shown = None
    if found is not None:
        shown = EndpointView(
            found.url,
            found.backup_url,
            found.mode,
            found.form,
            found.token_hint,
            found.key_hint,
            found.enabled,
            instant(found.verified_at),
            instant(found.changed_at),
        )
    may = ["write"] if Permission.DEVELOPER_WRITE in operator.permissions else []
    states = DeliveryState
    return WebhookView(shown, counts[states.WAITING], counts[states.DELIVERED], counts[states.GIVEN_UP], may)


async def _delivery(operator: Operator, runtime: Runtime, delivery_id: int) -> DeliveryWhole:
    async with runtime.db.read(operator.shop) as tx:
        found = await queries.delivery(tx, delivery_id)
        if found is None:
            raise DeliveryMissing(delivery_id=str(delivery_id))
        tries = await queries.tries(tx, delivery_id)
    return DeliveryWhole(_view(found), [_try(one) for one in tries])


def _view(one: Delivery) -> WebhookDelivery:
    return WebhookDelivery(
        str(one.delivery_id),
        one.event,
        msgspec.json.encode(one.message).decode(),
        one.state,
        one.runs,
        instant(one.send_at),
        instant(one.made_at),
        instant(one.done_at),
    )


def _try(one: Try) -> TryView:
    return TryView(instant(one.at), one.backup, one.outcome, one.status, one.ms, one.excerpt, one.by_hand)


ROUTES = [read_webhook, set_webhook, remove_webhook, list_deliveries, one_delivery, send_again]
