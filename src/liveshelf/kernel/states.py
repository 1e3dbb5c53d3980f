"""State machines as data.

A machine is an enum, its initial states and its edges; it refuses to be built when a state can't be reached. Moves are
made by the owning capability's SQL (`UPDATE … WHERE state = was`), which writes the history row as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True)
class Transitions(Generic[S]):
    """The life of one kind of thing. `name` is the noun shown in the docs' diagram."""

    name: str
    initial: AbstractSet[S]
    edges: Mapping[S, AbstractSet[S]]

    def __post_init__(self) -> None:
        states = type(next(iter(self.initial)))
        seen: set[S] = set()
        todo = list(self.initial)
        while todo:
            state = todo.pop()
            if state not in seen:
                seen.add(state)
                todo.extend(self.edges[state])
        if missing := set(states) - seen:
            msg = f"{self.name}: unreachable {sorted(missing)}"
            raise ValueError(msg)

    def allows(self, was: S, becomes: S) -> bool:
        """Whether the move is one of the edges."""
        return becomes in self.edges[was]

    def sources(self, becomes: S) -> frozenset[S]:
        """The states from which `becomes` can be reached in one move."""
        return frozenset(was for was, nexts in self.edges.items() if becomes in nexts)
