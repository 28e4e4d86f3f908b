"""What happened to a case and its clock, as it is published."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from services.complaints.cases.domain import Case
from services.complaints.response_clocks.domain.advancing import (
    Breached,
    ClockEvent,
    Escalated,
    Paused,
    Resumed,
    Warned,
)
from shared.bus.event import Event
from shared.contracts.base import CaseFact
from shared.contracts.complaints import (
    ComplaintAssigned,
    ComplaintEscalated,
    ComplaintOverdue,
    ComplaintPaused,
    ComplaintResumed,
    ComplaintWarned,
)

F = TypeVar("F", bound=CaseFact)


def fact_of(contract: type[F], case: Case, at: datetime, **details: Any) -> F:
    """A fact about a case; `details` are the contract's own fields."""
    return contract(complaint_id=case.id, customer_id=case.customer_id, round=case.round, at=at, **details)


def assigned(before: Case, after: Case, at: datetime) -> ComplaintAssigned:
    """That `after` is in the hands of its responsible person, from those of `before`."""
    return fact_of(
        ComplaintAssigned,
        after,
        at,
        responsible_id=after.responsible_id,
        from_id=before.responsible_id,
        number=after.number,
        answer_due_at=after.clock.due_at if after.clock.running else None,
    )


def clock_fact(case: Case, event: ClockEvent) -> CaseFact:
    """The fact that announces what happened on a clock."""
    match event:
        case Warned(percent, at, due_at, staff_id):
            return fact_of(ComplaintWarned, case, at, percent=percent, answer_due_at=due_at, staff_id=staff_id)
        case Breached(at, staff_id):
            return fact_of(
                ComplaintOverdue,
                case,
                at,
                number=case.number,
                tier=case.tier,
                due_at=at,
                staff_id=staff_id,
                accountable_id=case.accountable_id,
                kind=case.kind,
            )
        case Escalated(level, staff_id, at, due_at):
            return fact_of(
                ComplaintEscalated, case, at, number=case.number, level=level, staff_id=staff_id, due_at=due_at
            )
        case Paused(at, until, due):
            asks = case.kind != "internal" and not case.historical(at)
            return fact_of(ComplaintPaused, case, at, until=until, due_after_pause=due, asks=asks)
        case Resumed(at, due_at):
            return fact_of(ComplaintResumed, case, at, answer_due_at=due_at)


def events_of(case: Case, facts: Iterable[CaseFact], now: datetime) -> list[Event]:
    """The events of one change of a case, all at its new version; what lies before a takeover is history."""
    return [
        Event.of(fact, aggregate_id=case.id, version=case.version, at=now, historical=case.historical(fact.at))
        for fact in facts
    ]
