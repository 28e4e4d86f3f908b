"""What a customer's open tasks should be, by team, tier and matrix, and what changes for that (domain 4.1).

What is done or missed stays. An open task keeps its window as long as the same interval is owed; under another one it
gets the window that the new interval gives, counted from where the present one was counted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from services.care.accounts.domain import Account
from services.care.obligations.domain import Duty, Every, Matrix, PerMonth, begin, follow_done, follow_missed, owed
from services.care.touches.domain import Task, TaskKind

Rules = Mapping[Duty, PerMonth | Every]


def rules_of(account: Account, matrix: Matrix) -> Rules:
    """What a customer is owed: nothing without a team (tasks are account team x matrix) or a tier."""
    if not account.team or account.tier is None:
        return {}
    return owed(matrix, account.tier)


@dataclass(frozen=True, slots=True)
class Situation:
    """A customer at the moment of planning. `served` says when each duty was last done; `responsible` who does it."""

    customer_id: UUID
    rules: Rules
    open_tasks: Sequence[Task]
    served: Mapping[Duty, datetime]
    responsible: Callable[[str], UUID | None]


@dataclass(frozen=True, slots=True)
class Changes:
    """What planning changes: tasks in their new version."""

    new: tuple[Task, ...]
    changed: tuple[Task, ...]
    dropped: tuple[Task, ...]


def merged(plans: Sequence[Changes]) -> Changes:
    """The changes of several customers as one."""
    return Changes(
        new=tuple(task for each in plans for task in each.new),
        changed=tuple(task for each in plans for task in each.changed),
        dropped=tuple(task for each in plans for task in each.dropped),
    )


def plan(situation: Situation, *, now: datetime, zone: ZoneInfo, new_id: Callable[[], UUID]) -> Changes:
    """The changes that make the open tasks what is owed; none when they are already."""
    rules, standing = situation.rules, {task.duty for task in situation.open_tasks}
    kept = [(task, _adapted(task, situation, now, zone)) for task in situation.open_tasks if task.duty in rules]
    return Changes(
        new=tuple(_begun(duty, situation, now, zone, new_id()) for duty in rules if duty not in standing),
        changed=tuple(should.next_version() for task, should in kept if should != task),
        dropped=tuple(task.next_version() for task in situation.open_tasks if task.duty not in rules),
    )


def _adapted(task: Task, situation: Situation, now: datetime, zone: ZoneInfo) -> Task:
    rule = situation.rules[task.duty]
    task = replace(task, assignee_id=situation.responsible(task.role))
    if rule == task.rule:
        return task
    served = situation.served.get(task.duty)
    return replace(task, rule=rule, window=begin(rule, now=now, zone=zone, since=task.anchor_at, served=served))


def _begun(duty: Duty, situation: Situation, now: datetime, zone: ZoneInfo, task_id: UUID) -> Task:
    role, contact = duty
    rule, served = situation.rules[duty], situation.served.get(duty)
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
