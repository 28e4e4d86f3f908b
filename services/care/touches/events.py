"""The events that tell of tasks. A task is the aggregate; its customer orders them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.care.touches.domain import Task
from shared.bus.event import Event
from shared.contracts.care import TouchDone, TouchDropped, TouchFact, TouchMissed, TouchPlanned


def _fields(task: Task, at: datetime) -> dict[str, Any]:
    return {
        "task_id": task.id,
        "customer_id": task.customer_id,
        "kind": task.kind,
        "role": task.role,
        "contact": task.contact,
        "assignee_id": task.assignee_id,
        "at": at,
    }


def _event(task: Task, fact: TouchFact, at: datetime) -> Event:
    return Event.of(fact, aggregate_id=task.id, version=task.version, at=at)


def planned(tasks: Iterable[Task], at: datetime) -> list[Event]:
    """Also tells of an open task's new window or person: the same task in a later version."""
    return [
        _event(
            task,
            TouchPlanned(**_fields(task, at), not_before=task.window.not_before, due_at=task.window.due_at),
            at,
        )
        for task in tasks
    ]


def done(task: Task, at: datetime, minutes: int) -> Event:
    """`at` is when the touch was."""
    return _event(task, TouchDone(**_fields(task, at), minutes=minutes), at)


def missed(task: Task, at: datetime, supervisor_id: Any) -> Event:
    """`at` is the end of the window, whenever it was noticed."""
    fact = TouchMissed(**_fields(task, at), due_at=task.window.due_at, supervisor_id=supervisor_id)
    return _event(task, fact, at)


def dropped(tasks: Iterable[Task], at: datetime, reason: str) -> list[Event]:
    return [_event(task, TouchDropped(**_fields(task, at), reason=reason), at) for task in tasks]
