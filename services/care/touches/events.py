"""The events that tell of tasks. A task is the aggregate; its customer orders them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from services.care.touches.domain import Task
from shared.bus.event import Event
from shared.contracts.care import TouchDone, TouchDropped, TouchFact, TouchMissed, TouchPlanned


def planned(tasks: Iterable[Task], at: datetime) -> list[Event]:
    """Also tells of an open task's new window or person: the same task in a later version."""
    return [
        _event(TouchPlanned, task, at, not_before=task.window.not_before, due_at=task.window.due_at) for task in tasks
    ]


def done(task: Task, at: datetime, minutes: int) -> Event:
    """`at` is when the touch was."""
    return _event(TouchDone, task, at, minutes=minutes)


def missed(task: Task, supervisor_id: UUID | None) -> Event:
    """At the end of the window, whenever it was noticed."""
    due_at = task.window.due_at
    return _event(TouchMissed, task, due_at, due_at=due_at, supervisor_id=supervisor_id)


def dropped(tasks: Iterable[Task], at: datetime, reason: str) -> list[Event]:
    return [_event(TouchDropped, task, at, reason=reason) for task in tasks]


def _event(contract: type[TouchFact], task: Task, at: datetime, **more: Any) -> Event:
    fact = contract(
        task_id=task.id,
        customer_id=task.customer_id,
        kind=task.kind,
        role=task.role,
        contact=task.contact,
        assignee_id=task.assignee_id,
        at=at,
        **more,
    )
    return Event.of(fact, aggregate_id=task.id, version=task.version, at=at)
