"""A customer's complaints, as far as a colleague who speaks with the customer must know of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID

from shared.contracts.complaints import CaseKind

CaseStanding: TypeAlias = Literal["open", "answered"]
"""As long as nothing is solved: a case counts as open until it is resolved (decision 23)."""
Avoidance: TypeAlias = Literal["selling"]
SHOWN: Final = 20
"""Open cases that are shown of a customer, the earliest due first."""


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case that is not solved. `answer_due_at` is None while its clock is paused."""

    complaint_id: UUID
    number: str
    kind: CaseKind
    subject: str
    state: CaseStanding
    recorded_at: datetime
    answer_due_at: datetime | None

    def overdue(self, now: datetime) -> bool:
        """Whether its answer is late."""
        return self.state == "open" and self.answer_due_at is not None and self.answer_due_at <= now


def to_avoid(cases: Sequence[OpenCase]) -> list[Avoidance]:
    """What not to do with a customer: nobody is sold anything while a complaint is open (decision 23)."""
    return ["selling"] if cases else []
