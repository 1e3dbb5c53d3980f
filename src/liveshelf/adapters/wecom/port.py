"""The port: what we ask of an enterprise's WeCom."""

from __future__ import annotations

from dataclasses import dataclass, field

from liveshelf.kernel.errors import Busy, Conflict

EMPLOYEES_MAX = 5000  # on one list; a larger enterprise lets the application see the departments that sell


class WecomRefused(Conflict):
    """WeCom understood and said no, such as to a wrong secret. `reason` is its code."""

    code = "wecom.refused"
    title = "WeCom refused: check the corp ID, the secret, and what the application may see."


class WecomUnavailable(Busy):
    """WeCom did not answer, or not in time, or not believably. Asking again later is safe."""

    code = "wecom.unavailable"
    title = "WeCom does not answer at the moment."


@dataclass(frozen=True, slots=True)
class Corp:
    """An enterprise at WeCom, and the secret of the application by which its list is read."""

    corp_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OnList:
    """Somebody who works there now."""

    userid: str
    name: str


class Wecom:
    """WeCom. A class and not a protocol, so that it can be asked for by type.

    Its methods call the network: never inside a transaction. They raise `WecomRefused`, `WecomUnavailable`.
    """

    async def employees(self, corp: Corp) -> tuple[OnList, ...]:
        """Everybody who works there now, each once, by userid."""
        raise NotImplementedError
