"""The port: the lines of text in a picture, or that it was not read."""

from __future__ import annotations


class Reader:
    """Reads nothing: what an installation has without the extra `safety`, and what tests begin with."""

    async def read(self, data: bytes) -> tuple[str, ...] | None:  # noqa: ARG002 - what a reader is given
        """The lines of text in a picture (JPEG or PNG), from top to bottom. `None` says that it was not read: there is
        no engine, it took too long, or it failed. Never raises for what is in the picture.
        """
        return None

    async def close(self) -> None:
        """End what was started."""


class FixedReader(Reader):
    """The simulator: finds in every picture what it was told."""

    def __init__(self, *lines: str) -> None:
        self.lines: tuple[str, ...] = lines

    async def read(self, data: bytes) -> tuple[str, ...] | None:  # noqa: ARG002 - any picture says the same
        """The lines it was made with."""
        return self.lines
