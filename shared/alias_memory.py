"""What a process remembers of merged customers (`shared.aliases`), for requests that name one."""

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final, NamedTuple, TypeAlias
from uuid import UUID

FRESH_FOR: Final = 0.5
"""Seconds of real time after which a process looks whether another one has told of a merge; its own it sees at once."""
_BEFORE_EVERY_MARK: Final = -1

Aliases: TypeAlias = Mapping[UUID, UUID]
"""The id of a customer that was merged -> the id under which it goes on."""


class Told(NamedTuple):
    """Under which id a customer goes on, null once they were unmerged; what was told later has a greater mark."""

    id: UUID
    kept_id: UUID | None
    mark: int


class AliasMemory:
    """The merged customers as they were read last."""

    def __init__(self) -> None:
        self.known: Aliases = {}
        self._mark = _BEFORE_EVERY_MARK
        self._old_at = float("-inf")

    def forget(self) -> None:
        """To be called once something has changed: whoever asks next looks for it."""
        self._old_at = float("-inf")

    async def get(self, read: Callable[[int], Awaitable[Iterable[Told]]]) -> Aliases:
        """What is known, with what `read` gave not long ago of what was told after a mark; while one request reads, the
        others take what was known before."""
        now = time.monotonic()
        if now >= self._old_at:
            self._old_at = now + FRESH_FOR
            try:
                self._learn(await read(self._mark))
            except BaseException:
                self.forget()
                raise
        return self.known

    def _learn(self, told: Iterable[Told]) -> None:
        news = {each.id: each for each in told if each.mark > self._mark}
        if news:
            changed = {**self.known, **{id_: each.kept_id for id_, each in news.items()}}
            self.known = {id_: kept for id_, kept in changed.items() if kept is not None}
            self._mark = max(each.mark for each in news.values())
