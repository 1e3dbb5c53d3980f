"""Values of the accounts capability: roles and what they may do, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from liveshelf.kernel.actors import Actor
from liveshelf.kernel.ids import AccountId, ShopId


class Permission(StrEnum):
    """One thing that a person may be allowed to do."""

    GOODS_READ = "goods.read"
    GOODS_WRITE = "goods.write"
    STOCK_WRITE = "stock.write"
    ROOMS_READ = "rooms.read"
    ROOMS_WRITE = "rooms.write"
    ROOMS_LIVE = "rooms.live"
    CASES_READ = "cases.read"
    CASES_WRITE = "cases.write"
    ORDERS_READ = "orders.read"
    ORDERS_WRITE = "orders.write"
    CLOCKS_READ = "clocks.read"
    AFTERSALES_READ = "aftersales.read"
    AFTERSALES_WRITE = "aftersales.write"
    AFTERSALES_SETUP = "aftersales.setup"
    MONEY_READ = "money.read"
    MONEY_WRITE = "money.write"
    DEVELOPER_READ = "developer.read"
    DEVELOPER_WRITE = "developer.write"
    SHOP_WRITE = "shop.write"
    TRAIL_READ = "trail.read"
    REVIEWS_READ = "reviews.read"
    REVIEWS_DECIDE = "reviews.decide"
    CALENDAR_WRITE = "calendar.write"
    ANNOUNCEMENTS_WRITE = "announcements.write"
    PENALTIES_READ = "penalties.read"
    PENALTIES_IMPOSE = "penalties.impose"
    PENALTIES_REVERSE = "penalties.reverse"
    ARBITRATION_READ = "arbitration.read"
    ARBITRATION_DECIDE = "arbitration.decide"
    POLICY_READ = "policy.read"
    POLICY_WRITE = "policy.write"
    MERCHANTS_READ = "merchants.read"
    MERCHANTS_DECIDE = "merchants.decide"


class Role(StrEnum):
    """What a member is in a shop."""

    OWNER = "owner"
    OPERATOR = "operator"
    ANCHOR = "anchor"
    SUPPORT = "support"
    DEVELOPER = "developer"


class PlatformRole(StrEnum):
    """What a person is for the platform as a whole."""

    REVIEWER = "reviewer"  # of goods, before they are public
    ARBITER = "arbiter"  # of disputes between buyers and shops
    STEWARD = "steward"  # of the house: its policy, and which shops open


P = Permission
_REVIEWER = frozenset(
    {P.REVIEWS_READ, P.REVIEWS_DECIDE, P.CALENDAR_WRITE, P.PENALTIES_READ, P.PENALTIES_IMPOSE, P.ANNOUNCEMENTS_WRITE}
)
_ARBITER = frozenset({P.ARBITRATION_READ, P.ARBITRATION_DECIDE})
_STEWARD = frozenset(
    {
        P.POLICY_READ,
        P.POLICY_WRITE,
        P.MERCHANTS_READ,
        P.MERCHANTS_DECIDE,
        P.PENALTIES_READ,
        P.PENALTIES_REVERSE,
        P.ANNOUNCEMENTS_WRITE,
    }
)
_OPERATOR = frozenset(
    {
        P.GOODS_READ,
        P.GOODS_WRITE,
        P.STOCK_WRITE,
        P.ROOMS_READ,
        P.ROOMS_WRITE,
        P.ROOMS_LIVE,
        P.CASES_READ,
        P.CASES_WRITE,
        P.ORDERS_READ,
        P.ORDERS_WRITE,
        P.CLOCKS_READ,
        P.AFTERSALES_READ,
        P.AFTERSALES_WRITE,
        P.MONEY_READ,
    }
)

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission) - _REVIEWER - _ARBITER - _STEWARD,
    Role.OPERATOR: _OPERATOR,
    Role.ANCHOR: frozenset({P.GOODS_READ, P.ROOMS_READ, P.ROOMS_LIVE, P.CASES_READ}),
    Role.SUPPORT: frozenset(
        {
            P.GOODS_READ,
            P.ROOMS_READ,
            P.ORDERS_READ,
            P.ORDERS_WRITE,
            P.CLOCKS_READ,
            P.AFTERSALES_READ,
            P.AFTERSALES_WRITE,
        }
    ),
    Role.DEVELOPER: frozenset({P.GOODS_READ, P.ROOMS_READ, P.DEVELOPER_READ, P.DEVELOPER_WRITE}),
}
PLATFORM_PERMISSIONS: dict[PlatformRole, frozenset[Permission]] = {
    PlatformRole.REVIEWER: _REVIEWER,
    PlatformRole.ARBITER: _ARBITER,
    PlatformRole.STEWARD: _STEWARD,
}


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can sign in."""

    account_id: AccountId
    username: str
    display_name: str
    locale: str
    platform_role: PlatformRole | None


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's place in a shop."""

    shop: ShopId
    role: Role


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An account with where it belongs."""

    account: Account
    memberships: tuple[Membership, ...]

    @property
    def platform_permissions(self) -> frozenset[Permission]:
        """What the account may do for the platform."""
        role = self.account.platform_role
        return PLATFORM_PERMISSIONS[role] if role else frozenset()


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody whose permission for this request was checked: hold one and the check is done."""

    actor: Actor
    shop: ShopId
    account_id: AccountId
    name: str
    permissions: frozenset[Permission]
    role: Role | None = None  # in the shop; none for the platform's people
