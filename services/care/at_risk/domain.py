"""So many days before a window ends unmet, that is told to the person and the supervisor who would pay (examples 25).

What was not ahead at that moment is not told: a window that is shorter, or a task that came later. After an outage a
task is told of the latest of its moments alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.care.touches.domain import Task


@dataclass(frozen=True, slots=True)
class AtRiskPolicy:
    """How many days before, the most first; `set_at` and `set_by` are None for the one the service came with."""

    version: int
    days: Sequence[int]
    set_at: datetime | None = None
    set_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the telling of one number of days has come: the last task, in the order of due moments."""

    days: int
    due_at: datetime
    task_id: UUID


def horizon(days: int, policy: AtRiskPolicy, now: datetime) -> tuple[datetime, datetime]:
    """After and until when the windows end that are told now: nearer ones have a later moment of their own."""
    nearer = max((each for each in policy.days if each < days), default=0)
    return now + timedelta(days=nearer), now + timedelta(days=days)


def moment(task: Task, days: int) -> datetime:
    """When it is told."""
    return task.window.due_at - timedelta(days=days)
