"""What every storage can do."""

import re
from collections.abc import AsyncIterator
from typing import Final, Protocol

PIECE: Final = 1 << 20
"""Bytes that are handed on at a time."""
_KEY: Final = re.compile(r"[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9-]*)*")


class StorageFault(Exception):
    """The storage does not answer, or does not take it; nothing was kept. `reason` is a code that quotes nothing."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NothingStored(Exception):
    """Nothing lies under this key."""


class Storage(Protocol):
    """Keeps contents under keys: small letters, digits and dashes, in folders by slashes."""

    async def put(self, key: str, pieces: AsyncIterator[bytes]) -> None:
        """Keeps a content whole, in place of what lay there, or not at all. Raises StorageFault.

        What the iterator raises goes through, and nothing is kept then.
        """

    def read(self, key: str) -> AsyncIterator[bytes]:
        """The content, piece by piece; the first piece raises NothingStored or StorageFault."""

    async def remove(self, key: str) -> None:
        """Removes what lies under a key, if anything does. Raises StorageFault."""


def checked(key: str) -> str:
    """The key. Raises ValueError for one that could lead elsewhere."""
    if not _KEY.fullmatch(key):
        raise ValueError("a key of small letters, digits, dashes and slashes")
    return key
