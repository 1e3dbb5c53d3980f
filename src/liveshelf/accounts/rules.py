"""What needs no database: who may give which role, how a device is called, how an address is shown."""

from __future__ import annotations

import ipaddress
import re

from liveshelf.accounts.types import ROLE_PERMISSIONS, PlatformRole, Role, SignedIn

NOTE_MAX = 60
# With these somebody could let others in, or judge over other people's shops.
_POWERFUL = frozenset({Role.OWNER, Role.ADMIN})

_BROWSERS = (
    ("Edg", "Edge"),
    ("MicroMessenger", "WeChat"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
_TOOL = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]{0,23}")


def may_manage(own: Role | None, other: Role) -> bool:
    """Whether somebody with the first role may give, change or take the second: owners any, others no more than
    they may do themselves.
    """
    if own is None:
        return False
    return own is Role.OWNER or (other is not Role.OWNER and ROLE_PERMISSIONS[other] <= ROLE_PERMISSIONS[own])


def is_powerful(who: SignedIn) -> bool:
    """Whether the account can do more than its own work: a second factor may be asked of it."""
    return who.account.platform_role in set(PlatformRole) or any(one.role in _POWERFUL for one in who.memberships)


def device_of(user_agent: str) -> str:
    """A browser's words about itself, as people call it: "Chrome · Windows". Nothing that it says is repeated."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if browser or system:
        return " · ".join(part for part in (browser, system) if part)
    tool = _TOOL.match(user_agent)
    return tool[0] if tool else ""


def masked_address(address: str) -> str:
    """An address without the part that says which house: 203.0.113.*, 2001:db8:1::*."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if parsed.version == 4:  # noqa: PLR2004 - the version's name
        return f"{address.rpartition('.')[0]}.*"
    return f"{':'.join(parsed.exploded.split(':')[:3])}::*"
