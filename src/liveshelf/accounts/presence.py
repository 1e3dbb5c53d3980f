"""Tells the other processes that somebody's rights have changed: what they hold open is closed at once."""

from __future__ import annotations

import time

from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.ids import AccountId
from liveshelf.platform.fanout import Bus

CHANNEL = "accounts_cut"  # payload: the account's actor, then what to do
_GONE = "gone"
_CUT = "cut"


async def cut(bus: Bus, account_id: AccountId) -> None:
    """Close every stream of the account; its pages come back if they may."""
    await bus.publish([(CHANNEL, f"{actor} {_CUT}") for actor in _actors(account_id)])


async def shut_out(bus: Bus, account_id: AccountId) -> None:
    """The same, and tickets that the account still holds open nothing until they are worthless anyway."""
    await bus.publish([(CHANNEL, f"{actor} {_GONE}") for actor in _actors(account_id)])


def heard(payload: str) -> tuple[str, bool]:
    """Whose streams are meant, and whether their tickets are void too."""
    actor, _, what = payload.partition(" ")
    return actor, what == _GONE


class ShutOut:
    """Whose tickets are void in this process: for as long as a ticket lives, and no longer."""

    def __init__(self, life_s: float) -> None:
        self._life_s = life_s
        self._until: dict[str, float] = {}

    def add(self, actor: str) -> None:
        """This one's tickets are void from now on."""
        now = time.monotonic()
        self._until = {one: until for one, until in self._until.items() if until > now}
        self._until[actor] = now + self._life_s

    def __contains__(self, actor: str) -> bool:
        return self._until.get(actor, 0.0) > time.monotonic()


def _actors(account_id: AccountId) -> list[str]:
    """As whom an account may work in shops."""
    return [str(Actor(kind, str(account_id))) for kind in (ActorKind.STAFF, ActorKind.AGENT, ActorKind.EMPLOYEE)]
