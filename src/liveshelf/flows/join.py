"""Becoming a member: register, or sign in and take along what the guest had. And leaving again."""

from __future__ import annotations

from liveshelf.accounts.passwords import hash_password, password_matches
from liveshelf.aftersales import service as cases
from liveshelf.compliance import queries as compliance
from liveshelf.compliance.rules import refuse_illegal_text
from liveshelf.customers import privacy, queries, rules
from liveshelf.customers import service as customers
from liveshelf.customers.errors import SignInRefused
from liveshelf.customers.types import Buyer, Customer, customer_actor
from liveshelf.kernel.ids import CustomerId, ShopId
from liveshelf.messages import service as messages
from liveshelf.orders import address_requests, cart, delivery, titles
from liveshelf.orders import service as orders
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import claims, followers, talk
from liveshelf.trail import service as trail
from liveshelf.webhooks import service as webhooks


async def register(
    runtime: Runtime, buyer: Buyer, old_token: str, *, phone: str, password: str, name: str
) -> tuple[Customer, str]:
    """Make the guest a member; all that is theirs stays theirs. Returns a new session's token, the old one ends.

    Raises `CustomerInvalid`, `PhoneTaken`, `AlreadyMember`, `TextIllegal`.
    """
    sealed = rules.seal_phone(runtime.keys, phone)
    rules.check_password(password)
    hashed = await hash_password(password)

    async def work(tx: Tx) -> tuple[Customer, str]:
        refuse_illegal_text(name, field="name", spoken=True, lexicon=await compliance.lexicon(tx))
        member = await customers.register(tx, buyer.customer_id, name=name, phone=sealed, password_hash=hashed)
        await customers.end_session(tx, old_token)
        return member, await customers.start_session(tx, member.customer_id)

    return await runtime.db.write(buyer.actor, buyer.shop, work)


async def rename(tx: Tx, customer_id: CustomerId, name: str) -> Customer:
    """Take another name, which stands beside everything that they say in public.

    Raises `CustomerInvalid`, `BuyerUnknown`, `TextIllegal`.
    """
    refuse_illegal_text(name, field="name", spoken=True, lexicon=await compliance.lexicon(tx))
    return await customers.rename(tx, customer_id, name)


async def sign_in(
    runtime: Runtime, shop: ShopId, guest: Buyer | None, old_token: str, *, phone: str, password: str
) -> tuple[Customer, str]:
    """Sign a member in; the guest's orders, comments and claims become theirs, and the session before ends.

    Raises `SignInRefused`, `CustomerInvalid`.
    """
    sealed = rules.seal_phone(runtime.keys, phone)
    async with runtime.db.read(shop) as tx:
        found = await queries.stored_password(tx, sealed)
    if not await password_matches(found[1] if found else None, password) or found is None:
        raise SignInRefused
    member = found[0]

    async def work(tx: Tx) -> str:
        if guest is not None:
            await take_along(tx, guest.customer_id, member.customer_id)
        await customers.end_session(tx, old_token)
        return await customers.start_session(tx, member.customer_id)

    return member, await runtime.db.write(customer_actor(member.customer_id), shop, work)


async def take_along(tx: Tx, guest_id: CustomerId, member_id: CustomerId) -> None:
    """What was the guest's is the member's from now on. Nothing happens when it was no guest."""
    if await customers.merge(tx, guest_id, member_id):
        await orders.move_customer(tx, guest_id, member_id)
        await cart.move(tx, guest_id, member_id)
        await titles.move(tx, guest_id, member_id)
        await cases.move_customer(tx, guest_id, member_id)
        await talk.move_comments(tx, guest=guest_id, member=member_id)
        await followers.move(tx, guest=guest_id, member=member_id)
        await claims.move(tx, guest=guest_id, member=member_id)
        await messages.move(tx, str(customer_actor(guest_id)), becomes=str(customer_actor(member_id)))


async def leave(tx: Tx, customer_id: CustomerId) -> None:
    """Erase the customer: name, phone, addresses, notices; and what orders say of them, when each order is over."""
    await customers.erase(tx, customer_id)
    await delivery.forget(tx, customer_id)
    await cart.clear(tx, customer_id)
    await titles.clear(tx, customer_id)
    await cases.forget(tx, customer_id)
    await messages.erase(tx, str(customer_actor(customer_id)))
    await address_requests.forget(tx, customer_id)
    await talk.forget_comments(tx, customer_id)
    await followers.forget(tx, customer_id)
    await webhooks.erase(tx, customer_id)
    await claims.forget(tx, customer_id)
    await trail.erase(tx, f"customer:{customer_id}")
    await privacy.forget_copies(tx, customer_id)
    await privacy.note_erasure(tx, customer_id)
