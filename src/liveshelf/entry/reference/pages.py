"""Settings, errors, events and clocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import msgspec

from liveshelf.entry import registry
from liveshelf.entry.reference.tables import first_sentence, page, table
from liveshelf.facades.wechat.errors import ERRORS
from liveshelf.flows import notices
from liveshelf.flows.reactions import REACTIONS
from liveshelf.kernel.errors import leaves
from liveshelf.platform.events import Defer, Event, Gather, Hint
from liveshelf.platform.settings import ENV_PREFIX, Settings

_INDEX = (
    ("settings", "every environment variable, with its default"),
    ("errors", "every refusal: its code, its HTTP status, its number on the wire"),
    ("events", "what is told when something has happened, and what follows from it"),
    ("clocks", "every time limit and every kind of deferred work"),
    ("states", "the life of goods, review cases, rooms, orders, payments and holds"),
    ("categories", "what is sold, and the papers that it needs"),
    ("rights", "what each subject may do in each mode"),
    ("wire", "the calls of WeChat's protocol that this server answers"),
    ("openapi", "the native API, call by call"),
    ("features", "how much of the list of 317 features is done, and by which tests"),
)


def index_page() -> str:
    """What the reference has."""
    lines = "\n".join(f"- [{name.capitalize()}]({name}.md): {what}" for name, what in _INDEX)
    return page(
        "Reference",
        "These pages are made from the code by `liveshelf docs`; `script/check` fails when they differ.",
        lines,
    )


def settings_page() -> str:
    """Every setting with its variable, default and meaning."""
    rows = [
        (f"`{ENV_PREFIX}{one.name.upper()}`", f"`{_default(one.default)}`", one.metadata["doc"])
        for one in fields(Settings)
    ]
    return page(
        "Settings",
        "Environment variables, read once when a process starts. What the command line says wins.",
        table(("variable", "default", "meaning"), rows),
    )


def errors_page() -> str:
    """Every refusal with its code, status, sentence and number on the wire."""
    rows = []
    for error in sorted(set(leaves()), key=lambda one: one.code):
        errcode = ERRORS.get(error.code, ("", ""))[0]
        rows.append((f"`{error.code}`", error.status, error.title, errcode, first_sentence(error.__doc__)))
    return page(
        "Errors",
        "The native API answers a refusal as RFC 9457 problem+json with this `code`; the wire answers it with HTTP 200 "
        "and the `errcode`. A refusal without a number can't come over the wire. Quote `instance` (or the `rid`) when "
        "you ask about one.",
        table(("code", "status", "title", "errcode", "meaning"), rows),
    )


def events_page() -> str:
    """Every event with its fields and what follows from it."""
    rows = []
    for event in sorted(_subclasses(Event), key=lambda one: one.name):
        carried = ", ".join(f"`{one.encode_name}`" for one in msgspec.structs.fields(event))
        rows.append((f"`{event.name}`", first_sentence(event.__doc__), carried, _consequences(event.name)))
    return page(
        "Events",
        "An event is a row written in the transaction of the change it tells of. The worker's relay carries it to its "
        "consequences at least once, in order within a shop. Where no consequence stands, the event is history, or a "
        "numbered message that gateways read from the room's stream.",
        table(("event", "when", "carries", "consequence"), rows),
    )


def clocks_page() -> str:
    """Every timer and every job."""
    clocks = [
        (
            f"`{one.name}`",
            one.promise,
            one.actor,
            one.escalation,
            ", ".join(f"`{feature}`" for feature in one.features),
            "business" if one.business_time else "wall",
            f"{one.every_s:g} s",
            "yes" if one.pending is not None else "",
        )
        for one in registry.timers()
    ]
    jobs = [(f"`{one.name}`", one.promise, one.attempts) for one in registry.jobs()]
    return page(
        "Clocks and jobs",
        "A time limit is a column with the instant at which something falls due. The worker looks at each clock this "
        "often, and fires shop by shop. Business time follows a movable clock, wall time does not. A clock on the "
        "board shows each of its running instances in the console.",
        table(
            ("clock", "promise", "who must act", "escalation", "features", "time", "looked at every", "on the board"),
            clocks,
        ),
        "## Jobs",
        "Deferred by the relay, run by any worker, repeated with growing pauses when they fail.",
        table(("job", "promise", "attempts"), jobs),
    )


def _default(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _subclasses(base: type[Event]) -> Iterator[type[Event]]:
    for child in base.__subclasses__():
        if isinstance(getattr(child, "name", None), str):
            yield child
        yield from _subclasses(child)


def _consequences(name: str) -> str:
    told = []
    for reaction in REACTIONS.get(name, ()):
        if isinstance(reaction, Gather) and reaction.job == notices.TELL.job:
            kinds = ", ".join(f"`{one.kind}`" for one in notices.NOTICES[name])
            told.append(f"notice {kinds}")
        elif isinstance(reaction, Defer | Gather):
            told.append(f"job `{reaction.job}`")
        elif isinstance(reaction, Hint):
            told.append("hint on the bus")
    return ", ".join(told)
