"""Telling of the parts of the scheme (domain 1): each version of each policy of a service, once.

A service has one statement that finds what of its policies nobody has been told of, and a table of what was. Whoever
writes a version calls `announce` in its own transaction; a loop calls it for what an earlier release has written.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.bus import outbox
from shared.bus.event import Event
from shared.contracts.scheme import PolicyVersioned
from shared.db import Connection
from shared.statement import Statement, by_column


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a part, as `PolicyVersioned` tells it."""

    policy_id: UUID
    part: str
    version: int
    starts_at: datetime
    at: datetime
    tier: str | None
    subject: str | None
    department_id: UUID | None
    withdrawn: bool

    @property
    def change(self) -> int:
        """1 when it was written, 2 when it was taken back: nothing else ever happens to a version."""
        return 2 if self.withdrawn else 1

    def event(self, topic: str, *, historical: bool) -> Event:
        """Its event."""
        return Event.of(
            PolicyVersioned.model_validate(asdict(self)),
            aggregate_id=self.policy_id,
            version=self.change,
            at=self.at,
            historical=historical,
            topic=topic,
        )


@dataclass(frozen=True, slots=True)
class Announcer:
    """How a service finds what it has not told, keeps that it has, and on which topic it tells.

    `keep` takes the lists policy_id and change, leaves out what stands already, and returns the others' ids.
    """

    topic: str
    untold: Statement[Version]
    keep: Statement[Any]

    async def announce(self, transaction: Connection, *, historical: bool, **given: object) -> Sequence[Version]:
        """Tells of what nobody has been told of, in the order in which it was written; returns it.

        What was written long before is `historical`: nobody is notified of it (decision 5).
        """
        found = await self.untold.all(transaction, **given)
        if not found:
            return ()
        rows = [{"policy_id": each.policy_id, "change": each.change} for each in found]
        kept = {(row[0], row[1]) for row in await self.keep.all(transaction, **by_column(rows))}
        told = [each for each in found if (each.policy_id, each.change) in kept]
        await outbox.append(transaction, [each.event(self.topic, historical=historical) for each in told])
        return told
