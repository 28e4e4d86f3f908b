"""What a year must cost, recomputed by a few lines that know nothing of the services, from its journal.

The figures are those of docs/examples.md, 5 to 8 and 12, with the policies of a new house.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
IN_TIME = timedelta(hours=4)
EXECUTED_WITHIN = timedelta(hours=24)
COSTS = {"unanswered": 100, "repeat": 200, "not_executed": 200, "dissatisfied": 100}
BOUND = 500
CALLS = ("phone",)
VISITS = ("visit", "stay")

Key: TypeAlias = tuple[str, int, str]
"""Of which case or task, round and rule."""


@dataclass
class Round:
    """When a round began, when it was answered, and when its solution was proposed and executed, if that was asked."""

    began_at: datetime
    answered_at: datetime
    proposed_at: datetime | None = None
    executed_at: datetime | None = None
    rated_at: datetime | None = None
    """When the complainant said that they were dissatisfied; None when they did not."""


@dataclass
class Case:
    """A case as the journal knows it."""

    id: str
    recorded_at: datetime
    subject: str
    accused: str
    handler: str
    rounds: list[Round] = field(default_factory=list)
    malicious: bool = False


@dataclass(frozen=True)
class Penalty:
    """What is proposed: CNY, against whom."""

    amount: int
    person: str | None


def of_cases(cases: Sequence[Case]) -> dict[Key, Penalty]:
    """What rules find in the cases; of a malicious one its repeat is taken back."""
    found: dict[Key, Penalty] = {}
    before: dict[tuple[str, str, str], int] = defaultdict(int)
    for case in cases:
        month = f"{case.recorded_at.astimezone(ZONE):%Y-%m}"
        place = (month, case.subject, case.accused)
        before[place] += not case.malicious
        broken = [(case.recorded_at, 1, "repeat", case.accused)] if before[place] > 1 and not case.malicious else []
        for number, each in enumerate(case.rounds, start=1):
            broken += _of_round(case, number, each)
        left = BOUND
        for _, number, rule, person in sorted(broken):
            amount = min(COSTS[rule], left)
            left -= amount
            found[case.id, number, rule] = Penalty(amount, person)
    return found


def _of_round(case: Case, number: int, each: Round) -> Iterable[tuple[datetime, int, str, str]]:
    if each.answered_at >= each.began_at + IN_TIME:
        yield each.began_at + IN_TIME, number, "unanswered", case.handler
    if each.proposed_at and each.executed_at and each.executed_at >= each.proposed_at + EXECUTED_WITHIN:
        yield each.proposed_at + EXECUTED_WITHIN, number, "not_executed", case.accused
    if each.rated_at:
        yield each.rated_at, number, "dissatisfied", case.accused


def of_tasks(
    missed: Iterable[Mapping[str, object]], above: Mapping[str, str], failed: Iterable[str]
) -> dict[Key, Penalty]:
    """What missed touches cost; `above` says who supervises whom, `failed` what was ordered and not made good."""
    found: dict[Key, Penalty] = {}
    again = set(failed)
    for task in missed:
        id_, contact, who = str(task["id"]), task["contact"], task["assignee_id"]
        if contact not in (*CALLS, *VISITS):
            continue
        own = who in above.values()
        costs = {True: (50, 30), False: (30, 20)}[own]
        penalty = Penalty(costs[contact in CALLS], str(who) if own else above.get(str(who)))
        found[id_, 1, "missed_call" if contact in CALLS else "missed_visit"] = penalty
        if id_ in again:
            found[id_, 1, "not_made_good"] = penalty
    return found


def shares(rule: str, amount: int, person: str, above: Mapping[str, str]) -> dict[str, int]:
    """Who pays how many cents: a case's penalty 7 to 3 with the supervisor, all else alone."""
    cents = amount * 100
    supervisor = above.get(person)
    if rule not in COSTS or supervisor is None:
        return {person: cents}
    theirs, rest = cents * 7 // 10, cents * 3 // 10
    return {person: theirs + (cents - theirs - rest), supervisor: rest}


def booked_in(decided_at: datetime) -> str:
    """The month in which what nobody appeals is booked: when the seventh day after the decision is over."""
    return f"{decided_at.astimezone(ZONE).date() + timedelta(days=8):%Y-%m}"
