"""Everything that can go wrong on purpose.

One hierarchy. The five middle classes say what kind of refusal it is; leaves live in each capability's `errors.py`
and carry a stable `code`. Each facade renders them once: problem+json natively, `errcode` on the wire. Anything
that is not a `DomainError` is a bug, and shows only a trace id.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar


class DomainError(Exception):
    """A refusal with a stable code. `detail` is a sentence for people; `context` names the facts (safe to show)."""

    code: ClassVar[str]
    status: ClassVar[int] = 409
    title: ClassVar[str] = ""

    def __init__(self, detail: str = "", **context: object) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.context = context


class Invalid(DomainError):
    """The request can't be right as it stands. `field` in the context names the place."""

    code = "request.invalid"
    status = 422
    title = "The request is not valid."


class Unauthenticated(DomainError):
    """Nobody is known to be asking."""

    code = "accounts.not_signed_in"
    status = 401
    title = "Sign in first."


class Denied(DomainError):
    """Somebody known asks for what they may not do."""

    code = "request.denied"
    status = 403
    title = "You may not do this."


class Missing(DomainError):
    """There is no such thing, or none that the asker may know of."""

    code = "request.missing"
    status = 404
    title = "There is no such thing."


class Conflict(DomainError):
    """The thing is in another state than the request needs."""

    code = "request.conflict"
    status = 409
    title = "This does not fit the present state."


class Busy(DomainError):
    """Not now: a limit or a queue. `retry_after_s` in the context says when."""

    code = "request.busy"
    status = 503
    title = "Too busy at the moment."


def leaves(base: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    """Every error class that is loaded, the middle ones included, in a stable order."""
    for child in sorted(base.__subclasses__(), key=lambda c: c.__qualname__):
        yield child
        yield from leaves(child)
