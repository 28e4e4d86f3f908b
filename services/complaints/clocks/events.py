"""What a case's clocks have to say, as it is published."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from services.complaints.cases.domain import Case
from services.complaints.cases.events import fact_of
from services.complaints.clocks.domain import CaseClock
from shared.contracts.complaints import ComplaintAccepted, ComplaintClockMissed, ComplaintClockRecalculated


def missed_fact(case: Case, clock: CaseClock, staff_id: UUID | None) -> ComplaintClockMissed:
    """That a clock came to its end: at its own moment, whenever it was noticed."""
    assert clock.breached_at is not None  # noqa: S101  the caller has judged it
    missed = fact_of(
        ComplaintClockMissed,
        case,
        clock.breached_at,
        number=case.number,
        clock=clock.kind,
        due_at=clock.breached_at,
        staff_id=staff_id,
    )
    return missed.model_copy(update={"round": clock.round})


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
