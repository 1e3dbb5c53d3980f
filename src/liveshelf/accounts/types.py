"""Values of the accounts capability: roles and what they may do, as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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
    ROOMS_OVERRIDE = "rooms.override"  # let a broadcast start although a check speaks against it
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
    PEOPLE_READ = "people.read"
    PEOPLE_WRITE = "people.write"
    PRIVACY_READ = "privacy.read"
    PRIVACY_WRITE = "privacy.write"
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
    LEXICON_READ = "lexicon.read"  # the platform's
    LEXICON_WRITE = "lexicon.write"
    WORDS_READ = "words.read"  # a shop's own
    WORDS_WRITE = "words.write"


class Role(StrEnum):
    """What a member is in a shop: a post with just what it needs."""

    OWNER = "owner"
    ADMIN = "admin"  # people and settings, but not the money's keys
    OPERATOR = "operator"  # the whole daily work
    GOODS = "goods"
    CONTENT = "content"
    ANCHOR = "anchor"
    SERVICE = "service"
    ANALYST = "analyst"  # figures, and nobody's name
    LEGAL = "legal"
    DEVELOPER = "developer"


class PlatformRole(StrEnum):
    """What a person is for the platform as a whole."""

    REVIEWER = "reviewer"  # of goods, before they are public
    ARBITER = "arbiter"  # of disputes between buyers and shops
    STEWARD = "steward"  # of the house: its policy, and which shops open


P = Permission
_REVIEWER = frozenset(
    {
        P.REVIEWS_READ,
        P.REVIEWS_DECIDE,
        P.CALENDAR_WRITE,
        P.PENALTIES_READ,
        P.PENALTIES_IMPOSE,
        P.ANNOUNCEMENTS_WRITE,
        P.LEXICON_READ,
        P.LEXICON_WRITE,
    }
)
_ARBITER = frozenset({P.ARBITRATION_READ, P.ARBITRATION_DECIDE})
_STEWARD = frozenset(
    {
        P.REVIEWS_READ,  # of shops, papers and permissions: who decides about them is asked by kind
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
        P.PEOPLE_READ,
        P.WORDS_READ,
        P.WORDS_WRITE,
    }
)
_OWNER = frozenset(Permission) - _REVIEWER - _ARBITER - _STEWARD

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: _OWNER,
    # Whose keys money goes by, and what is paid out, stays with the owner.
    Role.ADMIN: _OWNER - {P.MONEY_WRITE},
    Role.OPERATOR: _OPERATOR,
    Role.GOODS: frozenset(
        {P.GOODS_READ, P.GOODS_WRITE, P.STOCK_WRITE, P.ROOMS_READ, P.CLOCKS_READ, P.CASES_READ, P.CASES_WRITE}
    ),
    Role.CONTENT: frozenset(
        {
            P.GOODS_READ,
            P.ROOMS_READ,
            P.ROOMS_WRITE,
            P.ROOMS_LIVE,
            P.CASES_READ,
            P.CASES_WRITE,
            P.WORDS_READ,
            P.WORDS_WRITE,
        }
    ),
    Role.ANCHOR: frozenset({P.GOODS_READ, P.ROOMS_READ, P.ROOMS_LIVE, P.CASES_READ}),
    Role.SERVICE: frozenset(
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
    Role.ANALYST: frozenset({P.GOODS_READ, P.ROOMS_READ, P.MONEY_READ, P.CLOCKS_READ}),
    Role.LEGAL: frozenset(
        {
            P.GOODS_READ,
            P.ROOMS_READ,
            P.ORDERS_READ,
            P.AFTERSALES_READ,
            P.CLOCKS_READ,
            P.TRAIL_READ,
            P.CASES_READ,
            P.CASES_WRITE,
            P.PRIVACY_READ,
            P.PRIVACY_WRITE,
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
    second_factor: bool = False


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
    session_id: int = 0
    seen_at: datetime | None = None

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
    session_id: int = 0  # by which they ask


@dataclass(frozen=True, slots=True)
class Member:
    """A person's place in a shop, as the shop's people see it."""

    account_id: AccountId
    username: str
    display_name: str
    role: Role
    joined_at: datetime
    seen_at: datetime | None
    second_factor: bool


@dataclass(frozen=True, slots=True)
class Invite:
    """A place in a shop that waits for somebody. `note` says for whom it is meant."""

    invite_id: int
    role: Role
    note: str
    made_by: AccountId
    made_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """Somewhere an account is signed in. `address` is masked."""

    session_id: int
    device: str
    address: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
