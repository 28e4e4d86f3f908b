"""Keeping what complaints tell of the cases of customers; what nobody's customer complains of is left out."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.customers.cases import store
from services.customers.context import Context
from shared.bus.event import Event
from shared.contracts.base import CaseFact
from shared.contracts.complaints import (
    ComplaintAnswered,
    ComplaintClockRecalculated,
    ComplaintClosed,
    ComplaintCorrected,
    ComplaintJudged,
    ComplaintOpened,
    ComplaintPaused,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintResumed,
)
from shared.db import Connection
from shared.projection import Projection, latest


def _by_case(fact: CaseFact) -> UUID:
    return fact.complaint_id


async def on_complaint_opened(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Keeps new cases; history, too."""
    facts = (event.read(ComplaintOpened) for event in events)
    rows = [_row(fact) for fact in latest(facts, _by_case) if fact.customer_id is not None]
    if rows:
        await store.keep(transaction, rows)


async def on_complaint_corrected(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """A case of another customer, or about something else."""
    facts = (event.read(ComplaintCorrected) for event in events)
    rows = [_corrected(fact) for fact in latest(facts, _by_case) if fact.customer_id is not None]
    if rows:
        await store.keep(transaction, rows)


def _corrected(fact: ComplaintCorrected) -> dict[str, Any]:
    return {
        "complaint_id": fact.complaint_id,
        "customer_id": fact.customer_id,
        "number": fact.number,
        "kind": fact.kind,
        "subject": fact.subject,
        "state": fact.state,
        "recorded_at": fact.recorded_at,
        "answer_due_at": fact.answer_due_at,
    }


def _row(fact: ComplaintOpened) -> dict[str, Any]:
    return {
        "complaint_id": fact.complaint_id,
        "customer_id": fact.customer_id,
        "number": fact.number,
        "kind": fact.kind,
        "subject": fact.subject,
        "state": "open",
        "recorded_at": fact.at,
        "answer_due_at": fact.answer_due_at,
    }


def _standing(contract: type[CaseFact], state: str) -> Projection[CaseFact]:
    return Projection(contract, store.STAND, lambda fact: {"complaint_id": fact.complaint_id, "state": state}, _by_case)


on_complaint_answered = _standing(ComplaintAnswered, "answered")
on_complaint_resolved = _standing(ComplaintResolved, "resolved")
on_complaint_closed = _standing(ComplaintClosed, "closed")
on_complaint_judged = Projection(
    ComplaintJudged,
    store.JUDGE,
    lambda fact: {"complaint_id": fact.complaint_id, "unfounded": not (fact.valid and fact.good_faith)},
    _by_case,
)
"""Judged again, the later one counts."""
on_complaint_paused = Projection(
    ComplaintPaused,
    store.PAUSE,
    lambda fact: {
        "complaint_id": fact.complaint_id,
        "answer_due_at": None,
        "paused_until": fact.until,
        "due_after_pause": fact.due_after_pause,
    },
    _by_case,
)
"""Nothing is due while a clock stands, which is until its longest end, whoever tells of that."""
on_complaint_resumed = Projection(
    ComplaintResumed,
    store.BE_DUE,
    lambda fact: {"complaint_id": fact.complaint_id, "state": "open", "answer_due_at": fact.answer_due_at},
    _by_case,
)
on_complaint_reopened = Projection(
    ComplaintReopened,
    store.BE_DUE,
    lambda fact: {"complaint_id": fact.complaint_id, "state": "open", "answer_due_at": fact.answer_due_at},
    _by_case,
)
_recalculated = Projection(
    ComplaintClockRecalculated,
    store.RECALCULATE,
    lambda fact: {"complaint_id": fact.complaint_id, "answer_due_at": fact.due_at},
    _by_case,
)


async def on_complaint_clock_recalculated(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Administration has given the answer another time; other clocks are not shown."""
    answers = [event for event in events if event.read(ComplaintClockRecalculated).clock == "answer"]
    if answers:
        await _recalculated.keep(transaction, answers)
