"""Telling a shop's own server what happened: what is told, verifying an address, and the calls themselves.

Every call goes through `platform.outbound`, outside any transaction: prepare, call, settle.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import httpx

from liveshelf.accounts.types import Operator
from liveshelf.customers import queries as customers
from liveshelf.customers import service as customer_service
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import CustomerId, ShopId
from liveshelf.kernel.time import unix
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.events import Gather, Happened, stored
from liveshelf.platform.outbound import Answer, OutboundRefusedError
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms.events import BuyerFollowed, BuyerUnfollowed, MassNoticeDone
from liveshelf.rooms.types import LIVE_STATUS, RoomState
from liveshelf.shops import queries as shops
from liveshelf.webhooks import letters, queries, rules, service
from liveshelf.webhooks.errors import EndpointUnverified
from liveshelf.webhooks.types import (
    ANSWER_MAX,
    TRIES,
    TRY_S,
    Delivery,
    Endpoint,
    EndpointDraft,
    Message,
    Secrets,
    Sender,
    Try,
    TryOutcome,
)

PUSH = Gather("webhooks.tell")
TOLD: Mapping[str, str] = {
    BuyerFollowed.name: "add_follow",
    BuyerUnfollowed.name: "del_follow",
    MassNoticeDone.name: "",
}
_FOLLOW, _NOTICE = "wxalive_follow_notify", "wxalive_push_message_notify"
_COUNTS = (
    "total_count",
    "success_count",
    "openid_error_count",
    "relation_error_count",
    "user_recv_limit_count",
    "internal_error_count",
)
_EXCERPT = 200  # characters kept of an answer that was not understood


async def tell(runtime: Runtime, shop: ShopId, event_ids: Sequence[int]) -> None:
    """The job: keep what these events mean to the shop's server, if it has one that listens. Done again it changes
    nothing.
    """

    async def work(tx: Tx) -> None:
        endpoint, sender = await queries.endpoint(tx), await _sender(tx)
        if endpoint is None or not endpoint.enabled or sender is None:
            return
        happened = [one for one in await stored(tx, event_ids) if one.name in TOLD]
        who = [CustomerId(one.body["customer_id"]) for one in happened if "customer_id" in one.body]
        # Who was erased since is not spoken of any more.
        present = await customer_service.present(tx, who)
        openids = {one: found.openid for one, found in (await customers.customers(tx, present)).items()}
        told = [one for one in happened if one.body.get("customer_id", None) in {None, *present}]
        await service.tell(tx, [_message(one, openids, sender) for one in told], sender)

    await runtime.db.write(SYSTEM, shop, work)


async def send(runtime: Runtime, shop: ShopId, delivery_id: int, run: int) -> None:
    """The job: one run of a message. Of two jobs with the same run one sends nothing."""
    claimed = await runtime.db.write(SYSTEM, shop, lambda tx: service.claim(tx, delivery_id, run))
    if claimed is not None:
        tries = await _run(runtime, shop, claimed, by_hand=False)
        await runtime.db.write(SYSTEM, shop, lambda tx: service.settle(tx, claimed, tries))


async def send_again(runtime: Runtime, operator: Operator, delivery_id: int) -> None:
    """Send a message once more by hand, whatever became of it. Raises `DeliveryMissing`, `DeliveryBusy`."""
    actor, shop = operator.actor, operator.shop
    claimed = await runtime.db.write(actor, shop, lambda tx: service.claim_by_hand(tx, delivery_id))
    tries = await _run(runtime, shop, claimed, by_hand=True)
    await runtime.db.write(actor, shop, lambda tx: service.settle(tx, claimed, tries))


async def configure(runtime: Runtime, operator: Operator, draft: EndpointDraft) -> None:
    """Keep where the shop's server listens, once every address has answered with the echostr.

    Raises `UrlInvalid`, `TokenInvalid`, `AesKeyInvalid`, `EndpointUnverified`, and `CredentialUnknown` while the shop
    has no appid.
    """
    urls = {"url": rules.checked_url(draft.url, "url")}
    if draft.backup_url.strip():
        urls["backup_url"] = rules.checked_url(draft.backup_url, "backup_url")
    async with runtime.db.read(operator.shop) as tx:
        await shops.credential(tx)
        before = await queries.endpoint(tx)
    had = service.opened(runtime.keys, before.sealed) if before else Secrets("", "")
    known = rules.checked_secrets(
        Secrets(
            had.token if draft.token is None else draft.token, had.aes_key if draft.aes_key is None else draft.aes_key
        ),
        draft.mode,
    )
    for field, url in urls.items():
        await _verify(runtime, url, known, field=field)
    kept = EndpointDraft(urls["url"], urls.get("backup_url", ""), draft.mode, draft.form, None, None, draft.enabled)
    await runtime.db.write(
        operator.actor, operator.shop, lambda tx: service.keep_endpoint(tx, runtime.keys, kept, known)
    )


async def _verify(runtime: Runtime, url: str, known: Secrets, *, field: str) -> None:
    echo = secrets.token_hex(10)
    query = letters.greeting(known, timestamp=unix(wall_now()), nonce=letters.new_nonce(), echo=echo)
    called = await _call(runtime, "GET", with_query(url, query))
    if isinstance(called, TryOutcome):
        raise EndpointUnverified(field=field, outcome=called.value, status=None)
    if called.status != rules.HTTP_OK or called.body.strip() != echo.encode():
        raise EndpointUnverified(field=field, outcome=TryOutcome.ANSWER.value, status=called.status)


@dataclass(frozen=True, slots=True)
class _Line:
    """What the tries of one run have in common."""

    runtime: Runtime
    sent: Delivery
    endpoint: Endpoint
    known: Secrets
    sender: Sender
    by_hand: bool

    async def call(self, url: str, *, backup: bool) -> Try:
        """One try of an address."""
        wall, began = wall_now(), time.perf_counter()
        letter = letters.letter(
            self.sent.message,
            self.endpoint,
            self.known,
            appid=self.sender.appid,
            timestamp=unix(wall),
            nonce=letters.new_nonce(),
        )
        headers = {"content-type": letter.content_type, "x-liveshelf-delivery": str(self.sent.delivery_id)}
        called = await _call(self.runtime, "POST", with_query(url, letter.query), body=letter.body, headers=headers)
        ms = int((time.perf_counter() - began) * 1000)
        if isinstance(called, TryOutcome):
            return Try(wall, backup, called, None, ms, "", self.by_hand)
        ended = rules.outcome_of(called.status, called.body)
        excerpt = "" if ended is TryOutcome.TAKEN else _plain(called.body)
        return Try(wall, backup, ended, called.status, ms, excerpt, self.by_hand)


async def _run(runtime: Runtime, shop: ShopId, sent: Delivery, *, by_hand: bool) -> list[Try]:
    """The tries of one run: the main address up to three times at once, by hand once, then the backup."""
    async with runtime.db.read(shop) as tx:
        endpoint, sender = await queries.endpoint(tx), await _sender(tx)
    if endpoint is None or sender is None or not (endpoint.enabled or by_hand):
        return [Try(wall_now(), False, TryOutcome.NO_ENDPOINT, None, 0, "", by_hand)]
    line = _Line(runtime, sent, endpoint, service.opened(runtime.keys, endpoint.sealed), sender, by_hand)
    addresses = [(endpoint.url, False)] * (1 if by_hand else TRIES)
    if endpoint.backup_url:
        addresses.append((endpoint.backup_url, True))
    tries: list[Try] = []
    for url, backup in addresses:
        tries.append(await line.call(url, backup=backup))
        if tries[-1].outcome is TryOutcome.TAKEN:
            break
    return tries


async def _call(
    runtime: Runtime, method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Answer | TryOutcome:
    """What came back within the time that WeChat gives, or why nothing did."""
    try:
        async with asyncio.timeout(TRY_S):
            return await runtime.outbound.request(method, url, body, headers, most=ANSWER_MAX)
    except OutboundRefusedError:
        return TryOutcome.REFUSED
    except (TimeoutError, httpx.TimeoutException):
        return TryOutcome.TIMEOUT
    # An address can be odd in ways that only the client finds out.
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
        return TryOutcome.UNREACHABLE


def with_query(url: str, query: str) -> str:
    """An address with more parameters after its own."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=f"{parts.query}&{query}" if parts.query else query))


async def _sender(tx: ReadTx) -> Sender | None:
    credential = await shops.own_credential(tx)
    return None if credential is None else Sender(credential.appid, credential.original_id)


def _message(one: Happened, openids: Mapping[CustomerId, str], sender: Sender) -> Message:
    body = one.body
    if one.name == MassNoticeDone.name:
        counted = {name: int(body[name]) for name in _COUNTS}
        said: dict[str, int | str] = {"message_id": str(body["message_id"]), "room_id": int(body["room_id"]), **counted}
        return Message(str(one.event_id), _NOTICE, "PushMessageApiNotify", sender.original_id, one.at, said)
    customer_id = CustomerId(body["customer_id"])
    openid = openids.get(customer_id, "")
    said = {
        "room_id": int(body["room_id"]),
        "user_openid": openid,
        "time": unix(one.at),
        "live_status": LIVE_STATUS[RoomState(body["state"])],
        "action": TOLD[one.name],
    }
    return Message(str(one.event_id), _FOLLOW, "FollowNotify", openid, one.at, said, customer_id)


def _plain(body: bytes) -> str:
    text = body[: _EXCERPT * 4].decode("utf-8", "replace")[:_EXCERPT]
    return "".join(char if char.isprintable() else " " for char in text)
