"""Who of customer service is there to take a case (decision 22d): presence is what people say of themselves."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

from shared.errors import Forbidden, Invalid

PresenceState: TypeAlias = Literal["present", "away"]
ShownPresence: TypeAlias = Literal["present", "away", "unsaid"]
"""Whoever never said anything handles what their teams bring, and is given nobody else's cases."""


class NotYourPresence(Forbidden):
    slug = "not-your-presence"
    title = "Each says the own presence"


class PresenceRefused(Invalid):
    slug = "presence-refused"
    title = "This presence cannot be"


@dataclass(frozen=True, slots=True)
class Presence:
    """A colleague of customer service. `away_until` None: until they say so; `said_by` None: nobody ever said."""

    staff_id: UUID
    name: str
    role: str
    skills: tuple[str, ...]
    away_since: datetime | None
    away_until: datetime | None
    said_by: UUID | None
    open_cases: int

    def state(self, now: datetime) -> ShownPresence:
        """Away until the moment that was said has come: no timer is needed for that."""
        if self.said_by is None:
            return "unsaid"
        if self.away_since is None or (self.away_until is not None and self.away_until <= now):
            return "present"
        return "away"


def check_until(state: PresenceState, until: datetime | None, now: datetime) -> None:
    """Raises PresenceRefused."""
    if state == "present" and until is not None:
        raise PresenceRefused("leave `until` out: only who is away comes back", pointer="#/until")
    if until is not None and until <= now:
        raise PresenceRefused("`until` lies in the future", pointer="#/until")
