"""What was open with somebody who leaves goes back to everybody."""

from __future__ import annotations

from liveshelf.accounts import people, presence
from liveshelf.kernel.actors import SYSTEM, Actor, ActorKind
from liveshelf.kernel.ids import PLATFORM, AccountId, ShopId
from liveshelf.platform.runtime import Runtime
from liveshelf.reviews import queries as cases
from liveshelf.reviews import service as reviews


async def member_left(runtime: Runtime, shop: ShopId, *, account_id: int) -> None:
    """Put back the shop's cases that a member worked on who works there no more. May run twice."""
    holder = _reviewer(account_id)
    await runtime.db.write(SYSTEM, shop, lambda tx: reviews.release_all(tx, holder))


async def platform_left(runtime: Runtime, account_id: AccountId) -> int:
    """Let somebody go who worked for the platform: their role there and their sessions end, and the cases of every shop
    that they worked on go back into the queue. How many cases that were. Raises `MemberUnknown`.
    """
    await runtime.db.write(SYSTEM, PLATFORM, lambda tx: people.leave_platform(tx, account_id))
    await presence.cut(runtime.bus, account_id)
    # After the role is gone: no case can be taken any more.
    holder = _reviewer(account_id)
    async with runtime.db.read() as tx:
        shops = await cases.shops_held(tx, holder)
    return sum([await runtime.db.write(SYSTEM, shop, lambda tx: reviews.release_all(tx, holder)) for shop in shops])


def _reviewer(account_id: int) -> Actor:
    return Actor(ActorKind.REVIEWER, str(account_id))
