"""Who follows a live stream at this moment: bounded for each caller first, then for all of a process."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from shared.live.updates import TooManyFollowers, TooManyStreams

MOST_CLIENTS = 500
MOST_OF_A_CALLER = 10
"""Pages that one person has open, on whatever devices; no caller can take the seats of the others."""
COME_AGAIN = 30
"""Seconds."""


class Seats:
    """Counted when a client is admitted, so that those who come at once do not pass the bound together."""

    def __init__(self) -> None:
        self._taken: Counter[UUID] = Counter()

    def admit(self, caller: UUID) -> "Seat":
        """Raises TooManyStreams, TooManyFollowers."""
        if self._taken[caller] >= MOST_OF_A_CALLER:
            raise TooManyStreams(f"at most {MOST_OF_A_CALLER} streams of one caller", retry_after=COME_AGAIN)
        if self._taken.total() >= MOST_CLIENTS:
            raise TooManyFollowers(f"at most {MOST_CLIENTS} clients follow here", retry_after=COME_AGAIN)
        self._taken[caller] += 1
        return Seat(self, caller)

    def free(self, caller: UUID) -> None:
        self._taken[caller] -= 1
        if not self._taken[caller]:
            del self._taken[caller]


class Seat:
    """A place among the followers, to be left once."""

    def __init__(self, seats: Seats, caller: UUID) -> None:
        self._seats = seats
        self._caller = caller

    def leave(self) -> None:
        self._seats.free(self._caller)

    @contextmanager
    def left_on_failure(self) -> Iterator[None]:
        """Leaves the seat when what prepares the stream fails."""
        try:
            yield
        except BaseException:
            self.leave()
            raise
