"""An erasure: of whom, what was removed where, and what it still waits for (decision 29)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias, get_args
from uuid import UUID

from shared.contracts.confirmations import ErasingService
from shared.contracts.erasures import ErasedKind
from shared.errors import Invalid, NotFound
from shared.moments import written

OTHERS: Final[tuple[ErasingService, ...]] = get_args(ErasingService)
"""Who confirms that nothing is kept."""
ErasureState: TypeAlias = Literal["running", "done", "nobody"]
"""How far an erasure is: `done` once the certificate is written, `nobody` where there was nobody to write it for."""
STAYS: Final = ("customer_id", "external_no", "region", "purchases", "tiers", "payments", "cases_as_figures", "audit")
"""What an erasure leaves: figures of the business, under a number that leads to nobody."""


class ErasureNotFound(NotFound):
    slug = "no-such-erasure"
    title = "There is no such erasure"


class NotAPerson(Invalid):
    slug = "not-a-person"
    title = "An erasure concerns a person, never a store"


class NobodyToErase(Invalid):
    slug = "nobody-to-erase"
    title = "There is no such person"


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is to be erased. `customer_id` is who they are among the customers, `merged_ids` who was merged into them."""

    person_id: UUID
    kind: ErasedKind
    customer_id: UUID | None = None
    merged_ids: Sequence[UUID] = ()

    @property
    def ids(self) -> list[UUID]:
        """Every id under which something of the person may stand."""
        return [self.person_id, *self.merged_ids]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """That a service keeps nothing of the person: what it was, and how many of it were removed."""

    service: ErasingService
    at: datetime
    removed: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure. `told_after` is the sequence of the log at that moment, `removed` what customers itself has removed;
    `merged_ids` are customers who were merged into them; `certificate` is written when nothing is left anywhere."""

    id: UUID
    person_id: UUID
    kind: ErasedKind
    customer_id: UUID | None
    merged_ids: Sequence[UUID]
    asked_at: datetime
    asked_by: UUID
    removed: Mapping[str, int]
    told_after: int
    completed_at: datetime | None
    certificate: Mapping[str, Any] | None

    @property
    def ids(self) -> list[UUID]:
        """Every id under which the person was known."""
        return [self.person_id, *self.merged_ids]

    @property
    def state(self) -> ErasureState:
        if self.completed_at is None:
            return "running"
        return "nobody" if self.certificate is None else "done"

    def concerns_nobody(self, confirmations: Sequence[Confirmation]) -> bool:
        """Whether it was asked for a complainant of whom complaints, once it has confirmed, had no case."""
        found = {each.service: each.removed for each in confirmations}
        return self.kind == "complainant" and not found["complaints"].get("cases")

    def certified(self, confirmations: Sequence[Confirmation], at: datetime) -> dict[str, Any]:
        """What the certificate says, but for its signature."""
        return {
            "erasure_id": str(self.id),
            "person_id": str(self.person_id),
            "merged_ids": [str(each) for each in self.merged_ids],
            "kind": self.kind,
            "asked_at": written(self.asked_at),
            "asked_by": str(self.asked_by),
            "completed_at": written(at),
            "removed": {"customers": dict(self.removed)} | {each.service: dict(each.removed) for each in confirmations},
            "confirmed_at": {each.service: written(each.at) for each in confirmations},
            "stays": list(STAYS),
        }


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an erasure is. `uploads_left`: files are still there that were uploaded before it and may name the
    person; `contacts_left`: the topic of contacts has not forgotten them yet."""

    erasure: Erasure
    confirmations: Sequence[Confirmation]
    uploads_left: bool
    contacts_left: bool

    @property
    def awaited(self) -> list[ErasingService]:
        """Who has not confirmed yet."""
        confirmed = {each.service for each in self.confirmations}
        return [each for each in OTHERS if each not in confirmed]
