"""What a process remembers of merged customers (`shared.aliases`), for requests that name one."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias
from uuid import UUID

FRESH_FOR: Final = 0.5
"""Seconds of real time after which a process looks whether another one has told of a merge; its own it sees at once."""

Aliases: TypeAlias = Mapping[UUID, UUID]
"""The id of a customer that was merged -> the id under which it goes on."""


class AliasMemory:
    """The merged customers as they were read last."""

    def __init__(self) -> None:
        self._known: Aliases = {}
        self._old_at = float("-inf")

    def forget(self) -> None:
        """To be called once something has changed: whoever asks next reads anew."""
        self._old_at = float("-inf")

    async def get(self, read: Callable[[], Awaitable[Aliases]]) -> Aliases:
        """What `read` gave, not long ago; while one request reads, the others take what was known before."""
        now = time.monotonic()
        if now >= self._old_at:
            self._old_at = now + FRESH_FOR
            try:
                self._known = await read()
            except BaseException:
                self.forget()
                raise
        return self._known
