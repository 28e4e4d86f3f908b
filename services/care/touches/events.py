"""The events that tell of tasks. A task is the aggregate; its customer orders them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.care.touches.domain import Entry, Proof, Task
from shared.bus.event import Event
from shared.contracts.care import (
    Excuse,
    TouchAtRisk,
    TouchDone,
    TouchDropped,
    TouchFact,
    TouchMadeGood,
    TouchMakeGoodMissed,
    TouchMakeGoodOrdered,
    TouchMissed,
    TouchMissWithdrawn,
    TouchPlanned,
)


def planned(tasks: Iterable[Task], at: datetime) -> list[Event]:
    """Also tells of an open task's new window or person: the same task in a later version."""
    return [
        _event(
            TouchPlanned,
            task,
            at,
            not_before=task.window.not_before,
            due_at=task.window.due_at,
            contract_id=task.contract_id,
            errand=task.errand,
            winback_id=task.winback_id,
        )
        for task in tasks
    ]


def done(task: Task, proof: Proof, entry: Entry) -> Event:
    """At the moment of the touch, whenever it was entered."""
    return _event(TouchDone, task, proof.at, minutes=proof.minutes, recorded_late=entry.late)


def at_risk(task: Task, supervisor_id: UUID | None, days: int, at: datetime) -> Event:
    """So many days before the end of the window, whenever it was noticed."""
    return _event(TouchAtRisk, task, at, due_at=task.window.due_at, days=days, supervisor_id=supervisor_id)


def called(task: Task, at: datetime) -> Event:
    """A call that was made, as its case tells: nobody has recorded how long it took."""
    return _event(TouchDone, task, at)


def missed(task: Task) -> Event:
    """At the end of the window, whenever it was noticed, and whenever it turned out to be excused or not."""
    due_at = task.window.due_at
    return _event(TouchMissed, task, due_at, due_at=due_at, supervisor_id=task.supervisor_id, excuse=task.excuse)


def miss_withdrawn(task: Task, at: datetime, excuse: Excuse | None = None) -> Event:
    """At the moment at which it is taken back; `excuse` where that is why."""
    return _event(TouchMissWithdrawn, task, at, due_at=task.window.due_at, excuse=excuse)


def make_good_ordered(missed: Task, by: Task, at: datetime) -> Event:
    """Told of the missed task; also tells of another date."""
    return _of_order(TouchMakeGoodOrdered, missed, by, at, until=by.window.due_at)


def made_good(missed: Task, by: Task, at: datetime) -> Event:
    """At the moment of the touch, whenever it was entered."""
    return _of_order(TouchMadeGood, missed, by, at)


def make_good_missed(missed: Task, by: Task, supervisor_id: UUID | None) -> Event:
    """At the end of the time to make it good, whenever it was noticed."""
    until = by.window.due_at
    return _of_order(TouchMakeGoodMissed, missed, by, until, until=until, supervisor_id=supervisor_id)


def dropped(tasks: Iterable[Task], at: datetime, reason: str) -> list[Event]:
    return [_event(TouchDropped, task, at, reason=reason) for task in tasks]


def _of_order(contract: type[TouchFact], missed: Task, by: Task, at: datetime, **more: Any) -> Event:
    """Of the missed task, by whom it is made good."""
    return _event(contract, replace(missed, assignee_id=by.assignee_id), at, make_good_id=by.id, **more)


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
