"""Values of footage: segments, and how they follow each other."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a picture, about a second long. `at_ms` is when it begins: milliseconds since 1970, business time.

    `is_shown`: it came while the room was live, and not before the start or in a pause. One that is not `is_kept` goes
    when nobody can be watching it live any more.
    """

    run: int
    number: int
    at_ms: int
    length_ms: int
    bytes: int
    is_shown: bool = True
    is_kept: bool = True

    @property
    def end_ms(self) -> int:
        """When it ends."""
        return self.at_ms + self.length_ms

    @property
    def name(self) -> str:
        """Its place below the room."""
        return f"{self.run}/{self.number}.m4s"


@dataclass
class Reel:
    """Segments in order, with the number of breaks up to each (places where a picture does not simply go on), and how
    much of it is kept.
    """

    segments: list[Segment] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)
    kept_ms: int = 0
    kept_bytes: int = 0

    def add(self, one: Segment) -> None:
        """Add the next one."""
        last = self.segments[-1] if self.segments else None
        goes_on = last is None or (last.run, last.number + 1) == (one.run, one.number)
        self.breaks.append((self.breaks[-1] if self.breaks else 0) + (not goes_on))
        self.segments.append(one)
        if one.is_kept:
            self.kept_ms += one.length_ms
            self.kept_bytes += one.bytes


@dataclass(frozen=True, slots=True)
class Summary:
    """Of a room's footage: the bytes that are kept, and when it ends, in milliseconds since 1970."""

    kept_bytes: int
    end_ms: int
