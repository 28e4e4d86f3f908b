"""What a customer's open tasks should be, by team, tier and matrix, and what changes for that (domain 4.1).

What is done or missed stays. An open task keeps its window as long as the same interval is owed; under another one it
gets the window that the new interval gives, counted from where the present one was counted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from services.care.obligations.domain import Duty, Every, PerMonth, begin, follow_done, follow_missed
from services.care.touches.domain import Task, TaskKind

Rules = Mapping[Duty, PerMonth | Every]


@dataclass(frozen=True, slots=True)
class Situation:
    """A customer at the moment of planning. `served` says when each duty was last done; `responsible` who does it."""

    customer_id: UUID
    rules: Rules
    open_tasks: Sequence[Task]
    served: Mapping[Duty, datetime]
    responsible: Callable[[str], UUID | None]


@dataclass(slots=True)
class Changes:
    """What planning changes: tasks in their new version."""

    new: list[Task] = field(default_factory=list)
    changed: list[Task] = field(default_factory=list)
    dropped: list[Task] = field(default_factory=list)

    def add(self, other: "Changes") -> None:
        self.new += other.new
        self.changed += other.changed
        self.dropped += other.dropped


def plan(situation: Situation, *, now: datetime, zone: ZoneInfo, new_id: Callable[[], UUID]) -> Changes:
    """The changes that make the open tasks what is owed; none when they are already."""
    changes = Changes()
    standing: set[Duty] = set()
    for task in situation.open_tasks:
        duty: Duty = (task.role, task.contact)
        standing.add(duty)
        rule = situation.rules.get(duty)
        if rule is None:
            changes.dropped.append(replace(task, version=task.version + 1))
            continue
        should = _adapted(task, rule, situation, now, zone)
        if should != task:
            changes.changed.append(replace(should, version=task.version + 1))
    for duty, rule in situation.rules.items():
        if duty not in standing:
            changes.new.append(_begun(duty, rule, situation, now, zone, new_id()))
    return changes


def _adapted(task: Task, rule: PerMonth | Every, situation: Situation, now: datetime, zone: ZoneInfo) -> Task:
    task = replace(task, assignee_id=situation.responsible(task.role))
    if rule == task.rule:
        return task
    served = situation.served.get((task.role, task.contact))
    window = begin(rule, now=now, zone=zone, since=task.anchor_at, served=served)
    return replace(task, rule=rule, window=window)


def _begun(
    duty: Duty, rule: PerMonth | Every, situation: Situation, now: datetime, zone: ZoneInfo, task_id: UUID
) -> Task:
    role, contact = duty
    served = situation.served.get(duty)
    return Task(
        id=task_id,
        customer_id=situation.customer_id,
        kind=TaskKind.OBLIGATION,
        role=role,
        contact=contact,
        assignee_id=situation.responsible(role),
        window=begin(rule, now=now, zone=zone, served=served),
        anchor_at=served or now,
        rule=rule,
    )


def following(
    task: Task,
    rule: PerMonth | Every,
    assignee_id: UUID | None,
    *,
    done_at: datetime | None,
    zone: ZoneInfo,
    task_id: UUID,
) -> Task:
    """The next occurrence after a task that was done at `done_at`, or missed when that is None."""
    window = follow_done(rule, done_at, zone) if done_at else follow_missed(rule, task.window.due_at, zone)
    return Task(
        id=task_id,
        customer_id=task.customer_id,
        kind=TaskKind.OBLIGATION,
        role=task.role,
        contact=task.contact,
        assignee_id=assignee_id,
        window=window,
        anchor_at=done_at or task.window.due_at,
        rule=rule,
    )
