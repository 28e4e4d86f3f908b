"""Who handles a case (decision 22e): the team's specialist, else by skill, else whoever has least in hand."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from services.complaints.cases.domain import Accused
from shared.errors import Conflict, Invalid

HANDLERS: Final = ("cs_specialist", "cs_manager", "admin_dept")
"""Customer service and administration: they can accept and answer, so they handle cases."""


class NotAHandler(Invalid):
    slug = "not-a-handler"
    title = "This colleague does not handle cases"


class AccusedHandler(Conflict):
    slug = "accused-handler"
    title = "The case is against this colleague"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A specialist who is not away; `load` counts the open cases in their hands, as far as it matters.

    Only who has said that they are there (`present`) is given cases of others' teams.
    """

    id: UUID
    skills: frozenset[str]
    present: bool
    load: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a case asks of its handler: its subject, and where they are known its brand and its language."""

    subject: str
    brand_id: UUID | None = None
    language: str | None = None

    def met_by(self, skills: Collection[str]) -> int:
        """How many of these somebody knows best."""
        wanted = {f"subject:{self.subject}", f"brand:{self.brand_id}", f"language:{self.language}"}
        return len(wanted.intersection(skills))


class Offer(NamedTuple):
    """A case that nobody has accepted yet: in whose hands it is, and when it goes on; in nobody's while it waits."""

    complaint_id: UUID
    round: int
    staff_id: UUID | None
    offered_at: datetime
    silent_at: datetime | None
    tried: tuple[UUID, ...]
    policy_version: int


@dataclass(slots=True)
class Hands:
    """The specialists who are not away, with what they have in hand while cases are given out one after the other."""

    candidates: Mapping[UUID, Candidate]
    most_open: int
    given: dict[UUID, int] = field(default_factory=dict)

    @classmethod
    def of(cls, candidates: Iterable[Candidate], most_open: int) -> "Hands":
        return cls({each.id: each for each in candidates}, most_open)

    def load(self, staff_id: UUID) -> int:
        return self.candidates[staff_id].load + self.given.get(staff_id, 0)

    def put(self, staff_id: UUID | None) -> None:
        """A case comes into these hands."""
        if staff_id is not None:
            self.given[staff_id] = self.given.get(staff_id, 0) + 1

    def free(self, staff_id: UUID) -> bool:
        return staff_id in self.candidates and self.load(staff_id) < self.most_open

    def choose(self, wanted: Wanted, first: UUID | None, tried: Collection[UUID]) -> UUID | None:
        """Who takes a case: `first` if they can, else the best of the others; None where nobody is free.

        Of equals whoever has least in hand, then whoever joined first.
        """
        if first is not None and first not in tried and self.free(first):
            return first
        there = (each for each in self.candidates.values() if each.present)
        free = [each for each in there if each.id not in tried and self.free(each.id)]
        best = min(free, key=lambda each: (-wanted.met_by(each.skills), self.load(each.id), each.id), default=None)
        return best.id if best is not None else None


def check_handler(staff_id: UUID, role: str, accused: Accused) -> None:
    """Raises NotAHandler, AccusedHandler."""
    if role not in HANDLERS:
        raise NotAHandler("cases are handled by: " + ", ".join(HANDLERS), pointer="#/staff_id")
    if staff_id in accused.people:
        raise AccusedHandler("whom a case is against does not handle it; name somebody else")
