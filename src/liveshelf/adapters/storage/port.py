"""The port: bytes under the name of their own hash."""

from __future__ import annotations


class Storage:
    """Keeps bytes under their SHA-256 (64 hexadecimal digits). A class and not a protocol, so that it can be asked
    for by type.

    Putting the same bytes twice keeps them once. What `put` has answered survives a crash of the machine.
    """

    async def put(self, data: bytes) -> str:
        """Keep the bytes and return their name."""
        raise NotImplementedError

    async def get(self, sha256: str) -> bytes | None:
        """The bytes of a name, or `None` when there are none."""
        raise NotImplementedError

    async def delete(self, sha256: str) -> bool:
        """Forget the bytes, unless they were put a short while ago: whoever put them may be about to point at them.

        Returns whether nothing is kept under the name any more.
        """
        raise NotImplementedError
