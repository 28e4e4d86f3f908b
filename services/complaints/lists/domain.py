"""What a desk asks for: which cases, in which order, and how its pages go on."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID

from services.complaints.cases.domain import CaseState
from shared.contracts.complaints import CaseKind
from shared.contracts.customers import Tier
from shared.errors import Invalid


class FiltersContradict(Invalid):
    slug = "filters-contradict"
    title = "These filters contradict each other"


QueueOrder: TypeAlias = Literal["urgency", "due"]
"""By tier and then what is left on the clock, or by what is left on the clock alone; paused clocks come last."""
ListOrder: TypeAlias = Literal["newest", "oldest"]
"""By the moment of recording."""
Whom: TypeAlias = Literal["mine", "my_people", "my_department"]
"""Whom cases are against, as seen by who asks: `my_people` are those whom they supervise, or whose department they
manage."""
QueuePlace: TypeAlias = tuple[int, datetime, UUID]
"""Of a case in the queue: its tier's rank, what orders it within the tier, its id."""
ListPlace: TypeAlias = tuple[datetime, UUID]
"""Of a case in a list: when it was recorded, its id."""

HEAD_OF_QUEUE: Final[QueuePlace] = (0, datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0))
HEAD_OF_LIST: Final[dict[ListOrder, ListPlace]] = {
    "newest": (datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1)),
    "oldest": (datetime(1900, 1, 1, tzinfo=UTC), UUID(int=0)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which cases; None leaves a filter out. Handler and department stand for `mine` and `my_department`, too."""

    tier: Tier | None = None
    subject: str | None = None
    channel: str | None = None
    kind: CaseKind | None = None
    handler_id: UUID | None = None
    department_id: UUID | None = None
    """Handled by somebody of this department."""
    accountable_id: UUID | None = None
    against_people_of: UUID | None = None
    """Against somebody whom this person supervises, or whose department they manage."""
    against_department_id: UUID | None = None
    """Against somebody of this department."""
    unassigned: bool | None = None
    """Handled by nobody, or by somebody."""
    against_type: str | None = None
    against_id: UUID | None = None
    batch: str | None = None
    overdue: bool | None = None
    due_before: datetime | None = None
    recorded_from: datetime | None = None
    recorded_to: datetime | None = None
    """Before this moment."""
    customer_id: UUID | None = None
    state: CaseState | None = None
    number: str | None = None
    number_part: str | None = None
    """Its beginning with the day, its end, or what stands anywhere in its count."""
    store: str | None = None
    """The customer is a store with this number, or with a name that contains this."""
    phone: str | None = None
    """Whoever complains, or the customer, is reached by this number (E.164)."""
    text: str | None = None
    """The words of the case, or what was answered or noted since, contain this."""

    def given(self) -> dict[str, object]:
        """The filters that are given, in their order."""
        found = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in found if value is not None}
