"""What a process has read and keeps until it is told to read it anew."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

G = TypeVar("G")
T = TypeVar("T")


class Cache:
    """Values by the function that reads them, for one process.

    Nothing grows old by itself: whoever uses a value finds out whether it still holds, and forgets it when it does not.
    """

    def __init__(self) -> None:
        self._kept: dict[Callable[[Any], Awaitable[Any]], Any] = {}

    async def get(
        self, read: Callable[[G], Awaitable[T]], given: G, *, serves: Callable[[T], bool] = lambda _: True
    ) -> T:
        """What `read` last gave; `read(given)` where there is none yet, or where it does not serve."""
        kept: T | None = self._kept.get(read)
        if kept is None or not serves(kept):
            kept = self._kept[read] = await read(given)
        return kept

    def forget(self, read: Callable[[Any], Awaitable[Any]]) -> None:
        """Has it read anew by whoever asks next."""
        self._kept.pop(read, None)
