"""An errand after the end of a contract: care makes it a task and says what becomes of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class ErrandState(StrEnum):
    """`missed` is to be done nevertheless; `dropped`: there never was a contract."""

    OPEN = "open"
    DONE = "done"
    MISSED = "missed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class AftercareTask:
    """A task of care, and how it stands; `errand` is a code of care's table."""

    task_id: UUID
    contract_id: UUID
    errand: str
    role: str
    assignee_id: UUID | None
    not_before: datetime
    due_at: datetime
    state: ErrandState
    settled_at: datetime | None
