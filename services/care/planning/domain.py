"""What a customer's open tasks should be, by team, tier and matrix, and what changes for that (domain 4.1).

What is done or missed stays. An open task keeps its window as long as the same interval is owed; under another one it
gets the window that the new interval gives, counted from where the present one was counted.
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from services.care.accounts.domain import Account
from services.care.obligations.domain import (
    Duty,
    Every,
    Matrix,
    PerMonth,
    Served,
    Window,
    begin,
    follow_done,
    follow_free,
    follow_missed,
    owed,
)
from services.care.staffing.domain import Staffing
from services.care.touches.domain import Task, TaskKind

Rules = Mapping[Duty, PerMonth | Every]


def rules_of(account: Account, matrix: Matrix) -> Rules:
    """What a customer is owed: nothing before the first team (tasks are account team x matrix) or without a tier."""
    if not account.served or account.tier is None:
        return {}
    return owed(matrix, account.tier)


def owed_by_itself(account: Account, gone: Container[UUID]) -> Account:
    """The customer, to whom nothing is owed where it was merged into another one."""
    return replace(account, served=False) if account.id in gone else account


def served_together(found: Iterable[Mapping[Duty, Served]]) -> dict[Duty, Served]:
    """What was done of each duty at several ids of one customer."""
    together: dict[Duty, Served] = {}
    for each in found:
        for duty, served in each.items():
            other = together.get(duty)
            together[duty] = Served(max(served.at, other.at), served.times + other.times) if other else served
    return together


@dataclass(frozen=True, slots=True)
class Person:
    """Who has a task (None: nobody), and who has given it by hand."""

    id: UUID | None
    assigned_by: UUID | None = None


def person_for(people: Staffing, team: Mapping[str, UUID], role: str, task: Task | None) -> Person:
    """Whom the team has for the role; where it has nobody, whoever was given the task by hand, or their heir."""
    named = people.responsible(team, role)
    if named is None and task and task.assigned_by and task.assignee_id:
        heir = people.heir(task.assignee_id)
        return Person(heir, task.assigned_by if heir else None)
    return Person(named)


@dataclass(frozen=True, slots=True)
class Situation:
    """A customer at the moment of planning. `served` says what was done of each duty; `person_for` who does a role,
    and a task that stands, if there is one (`person_for`)."""

    customer_id: UUID
    rules: Rules
    open_tasks: Sequence[Task]
    served: Mapping[Duty, Served]
    person_for: Callable[[str, Task | None], Person]


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
    person = situation.person_for(task.role, task)
    task = replace(task, assignee_id=person.id, assigned_by=person.assigned_by)
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
        assignee_id=situation.person_for(role, None).id,
        window=begin(rule, now=now, zone=zone, served=served),
        anchor_at=served.at if served else now,
        rule=rule,
    )


def following(
    task: Task,
    rule: PerMonth | Every,
    person: Person,
    *,
    done_at: datetime | None,
    now: datetime,
    zone: ZoneInfo,
    task_id: UUID,
) -> Task:
    """The next occurrence after a task that was done at `done_at`, or missed when that is None."""
    return Task(
        id=task_id,
        customer_id=task.customer_id,
        kind=TaskKind.OBLIGATION,
        role=task.role,
        contact=task.contact,
        assignee_id=person.id,
        assigned_by=person.assigned_by,
        window=_next_window(task, rule, done_at, now, zone),
        anchor_at=done_at or task.window.due_at,
        rule=rule,
    )


def follows_miss(task: Task, missed: Task) -> bool:
    """Whether a range is counted from the end of a window that was missed."""
    return isinstance(task.rule, Every) and task.duty == missed.duty and task.anchor_at == missed.window.due_at


def counted_anew(task: Task, done_at: datetime, now: datetime, zone: ZoneInfo) -> Task:
    """The same range, counted from a touch that was entered late; nobody is late by that at once."""
    if task.rule is None:
        raise ValueError("only what is owed on a schedule is counted")
    window = begin(task.rule, now=now, zone=zone, served=Served(done_at, 1))
    return task.next_version(window=window, anchor_at=done_at)


def _next_window(task: Task, rule: PerMonth | Every, done_at: datetime | None, now: datetime, zone: ZoneInfo) -> Window:
    if isinstance(rule, PerMonth) and rule == task.rule and (again := follow_free(rule, task.window, done_at, zone)):
        return again
    if done_at is None:
        return follow_missed(rule, task.window.due_at, zone)
    if isinstance(rule, PerMonth):
        return follow_done(rule, done_at, zone)
    return begin(rule, now=now, zone=zone, served=Served(done_at, 1))
