"""A complaint case as care sees it."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Case:
    """What an event says of a case; `number` None leaves the known one."""

    complaint_id: UUID
    customer_id: UUID | None
    open: bool
    number: str | None = None
