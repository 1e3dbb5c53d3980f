"""People and their sessions."""

from __future__ import annotations

from liveshelf.accounts import service
from liveshelf.accounts.types import PlatformRole, Role
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import PLATFORM, AccountId, ShopId
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime

PASSWORD = "correct horse battery"


async def account(runtime: Runtime, username: str, *, platform_role: PlatformRole | None = None) -> AccountId:
    """An account whose password never matches: tests get sessions without hashing."""

    async def work(tx: Tx) -> AccountId:
        return await service.create_account(
            tx,
            username=username,
            display_name=username,
            password=PASSWORD,
            password_hash="-",
            platform_role=platform_role,
        )

    return await runtime.db.write(SYSTEM, PLATFORM, work)


async def staff_session(runtime: Runtime, shop: ShopId, role: Role = Role.OWNER) -> str:
    """A session token of a new member of the shop."""
    account_id = await account(runtime, f"{role.value}-of-{shop}")

    async def work(tx: Tx) -> str:
        await service.join_shop(tx, account_id, role)
        return await service.start_session(tx, account_id)

    return await runtime.db.write(SYSTEM, shop, work)


async def reviewer_session(runtime: Runtime) -> str:
    """A session token of a new platform reviewer."""
    return await platform_session(runtime, PlatformRole.REVIEWER)


async def platform_session(runtime: Runtime, role: PlatformRole) -> str:
    """A session token of a new person of the platform, called after the role."""
    account_id = await account(runtime, role.value, platform_role=role)
    return await runtime.db.write(SYSTEM, PLATFORM, lambda tx: service.start_session(tx, account_id))


def bearer(token: str) -> dict[str, str]:
    """The header of a session."""
    return {"authorization": f"Bearer {token}"}
