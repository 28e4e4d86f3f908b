"""Clocks that are given what the policies say now (decision 16)."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from services.complaints.cases.domain import Case
from services.complaints.clocks.domain.clock import CaseClock
from services.complaints.clocks.domain.rounds import Beginning
from services.complaints.response_clocks.domain.clock import still_warned
from services.complaints.rulebook.domain.levels import usual
from services.complaints.rulebook.domain.rulebook import Rulebook


class Recalculated(NamedTuple):
    """A clock before and after it was given what the policies say now."""

    before: CaseClock
    after: CaseClock


def answer_clock(case: Case) -> CaseClock:
    """The clock of a case's present answer, which stands in the case, as one beside the others."""
    clock = case.clock
    return CaseClock(
        "answer",
        case.round,
        clock.answer_within,
        case.policy_version,
        clock.calendar,
        clock.started_at,
        clock.stopped_at,
        clock.breached_at,
        pauses=clock.pauses,
        levels=clock.levels,
    )


def recalculated(
    clocks: Iterable[CaseClock], case: Case, beginning: Beginning, rulebook: Rulebook, now: datetime
) -> list[Recalculated]:
    """What policies and calendars say now of the clocks of a running case's present round, levels among it.

    A clock that has ended stays, and so does one that would have ended before anybody could know.
    """
    found = []
    for clock in clocks:
        present = clock.within(case.clock.pauses).as_of(now)
        if present.ended or present.missed_at(now) is not None:
            continue
        after = _by_the_policy_of_now(present, beginning, rulebook)
        if after != present and after.missed_at(now) is None:
            found.append(Recalculated(present, after.warned_anew(now)))
    return found


def _by_the_policy_of_now(clock: CaseClock, beginning: Beginning, rulebook: Rulebook) -> CaseClock:
    asked = beginning.tier, beginning.subject, beginning.started_at
    policy = rulebook.policy(*asked) if clock.kind == "answer" else rulebook.limit(clock.kind, *asked)
    return clock._replace(
        allowed=policy.answer_within if policy is not None else None,
        policy_version=policy.version if policy is not None else None,
        calendar=rulebook.calendar(policy) if policy is not None else None,
        levels=policy.levels if policy is not None else usual(clock.kind),
    )


def with_answer_clock(case: Case, clock: CaseClock, now: datetime) -> Case:
    """The case with what its answer may take from now on. Whom it has warned stays warned of what has passed."""
    assert clock.allowed is not None  # noqa: S101  an answer always has a deadline
    policy_version = case.policy_version if clock.policy_version is None else clock.policy_version
    fixed = case.clock._replace(answer_within=clock.allowed, calendar=clock.calendar, levels=clock.levels)
    return case._replace(policy_version=policy_version, clock=fixed._replace(warned=still_warned(fixed, now)))
