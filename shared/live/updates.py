"""What a client is shown as it happens, and where a client goes on that comes again."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from shared.errors import Busy, TooMany
from shared.statement import Reader


class TooManyFollowers(Busy):
    slug = "too-many-followers"
    title = "Too many clients follow the live stream"


class TooManyStreams(TooMany):
    slug = "too-many-streams"
    title = "Too many live streams of one caller"


@dataclass(frozen=True, slots=True)
class LiveUpdate:
    """An event of a live stream under its number; `text` is what a client gets, JSON."""

    id: int
    type: str
    text: str
    concerns: frozenset[UUID] | None = None
    """Who is shown it; None: everybody who follows."""

    def is_for(self, follower: UUID) -> bool:
        return self.concerns is None or follower in self.concerns


@dataclass(frozen=True, slots=True)
class StreamStart:
    """Where a client begins: after `position`; `missed` says that updates before it are no longer kept."""

    position: int
    missed: bool


@dataclass(frozen=True, slots=True)
class Extent:
    """From where to where the stream is kept: numbers above `trimmed_to`, up to `last_id`."""

    trimmed_to: int
    last_id: int

    def start(self, after: int | None) -> StreamStart:
        """Where a client begins that has seen everything up to `after`; None: with what happens from now on.

        A number that the stream has not given yet is of another stream, so the client has missed what this one shows.
        """
        if after is None:
            return StreamStart(self.last_id, missed=False)
        if after < self.trimmed_to:
            return StreamStart(self.trimmed_to, missed=True)
        return StreamStart(min(after, self.last_id), missed=after > self.last_id)


class Source(Protocol):
    """What a live stream reads: numbered updates, of which a number that is seen means that all before it are."""

    async def extent(self, reader: Reader) -> Extent:
        """From where to where the stream is kept."""
        ...

    async def after(self, reader: Reader, position: int, most: int) -> list[LiveUpdate]:
        """The updates after a number, in order."""
        ...
