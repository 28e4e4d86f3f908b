"""What a case's clocks have to say, as it is published."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from services.complaints.cases.domain import Case
from services.complaints.cases.events import fact_of
from services.complaints.clocks.domain.clock import CaseClock, Told
from shared.contracts.base import CaseFact
from shared.contracts.clocks import ComplaintClockEscalated, ComplaintClockWarned
from shared.contracts.complaints import ComplaintAccepted, ComplaintClockMissed, ComplaintClockRecalculated


def facts_since(case: Case, before: CaseClock, after: CaseClock) -> list[CaseFact]:
    """What a clock has said since it was as `before`: each at its own moment, whenever it was noticed."""
    return [_fact(case, after, told) for told in after.told[len(before.told) :]]


def _fact(case: Case, clock: CaseClock, told: Told) -> CaseFact:
    about: dict[str, Any] = {"number": case.number, "clock": clock.kind, "staff_id": told.staff_id}
    fact: CaseFact
    if told.percent is not None:
        fact = fact_of(ComplaintClockWarned, case, told.at, percent=told.percent, due_at=clock.due_at, **about)
    elif told.at == clock.breached_at:
        fact = fact_of(ComplaintClockMissed, case, told.at, due_at=told.at, **about)
    else:
        fact = fact_of(ComplaintClockEscalated, case, told.at, level=told.level, due_at=clock.breached_at, **about)
    return fact.model_copy(update={"round": clock.round})


def acceptance(case: Case, by: UUID, at: datetime, clocks: Iterable[CaseClock]) -> ComplaintAccepted:
    """That somebody of customer service has just taken the case, and whether in time."""
    late = any(clock.kind == "accept" and clock.breached_at is not None for clock in clocks)
    return fact_of(ComplaintAccepted, case, at, staff_id=by, in_time=not late)


def recalculated_fact(case: Case, clock: CaseClock, at: datetime) -> ComplaintClockRecalculated:
    """That administration has given a clock what the policies say now."""
    return fact_of(
        ComplaintClockRecalculated,
        case,
        at,
        clock=clock.kind,
        due_at=clock.due_at,
        policy_version=clock.policy_version,
    )
