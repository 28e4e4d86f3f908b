"""Touches in the database."""

from collections.abc import Hashable, Sequence
from typing import TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import case, func

from services.reporting.service.domain import month_of_window
from services.reporting.service.tables import TouchRow
from shared.contracts import care
from shared.db import Connection
from shared.months import Month
from shared.projection import latest
from shared.statement import Statement, by_column, excluded, insert_many, table, update_many, upsert_many

Settled: TypeAlias = care.TouchDone | care.TouchMissed | care.TouchDropped

_GIVEN = excluded(TouchRow)
_SAID = ("id", "customer_id", "kind", "role", "contact", "assignee_id", "state", "month", "due_at")
_OUTCOME = ("done_at", "missed_at", "minutes", "recorded_late")
_PLAN = Statement(upsert_many(TouchRow, *_SAID, "not_before"))
_SETTLE = Statement(
    insert_many(TouchRow, *_SAID, *_OUTCOME, "excuse", ordered_by=("id",)).on_conflict_do_update(
        index_elements=["id"],
        set_={
            "assignee_id": _GIVEN.assignee_id,
            "state": _GIVEN.state,
            **{
                name: func.coalesce(_GIVEN[name], table(TouchRow).c[name])
                for name in _OUTCOME
                if name != "recorded_late"
            },
            "recorded_late": _GIVEN.recorded_late,
            "excuse": case(  # done after a miss that stands, what excused it stands, too
                (_GIVEN.state == "done", func.coalesce(_GIVEN.excuse, table(TouchRow).c.excuse)), else_=_GIVEN.excuse
            ),
        },
    )
)
_OPEN_AGAIN = Statement(
    insert_many(TouchRow, *_SAID, ordered_by=("id",)).on_conflict_do_update(
        index_elements=["id"],
        set_={
            "state": _GIVEN.state,
            **dict.fromkeys(("missed_at", "excuse", "make_good_until", "made_good_at", "make_good_missed_at")),
        },
    )
)
"""As before the miss; the window of those that were planned stays."""
_ORDER = Statement(update_many(TouchRow, "id", "make_good_until", make_good_missed_at=None))
_MADE_GOOD = Statement(update_many(TouchRow, "id", "made_good_at", make_good_missed_at=None))
_NOT_MADE_GOOD = Statement(update_many(TouchRow, "id", "make_good_missed_at"))
_MISS = Statement(update_many(TouchRow, "id", "missed_at", state="missed"))
_MET = Statement(update_many(TouchRow, "id", missed_at=None))
"""Of the touches by which misses are made good: they tell of no miss of their own."""


async def plan(transaction: Connection, facts: Sequence[care.TouchPlanned], zone: ZoneInfo) -> None:
    """Keeps touches as planned, or as planned anew."""
    await _PLAN.execute(transaction, **by_column(_planned(fact, zone) for fact in latest(facts, _task)))


async def settle(transaction: Connection, facts: Sequence[Settled], zone: ZoneInfo) -> None:
    """Keeps what became of touches; the window of those that were planned stays."""
    await _SETTLE.execute(transaction, **by_column(_settled(fact, zone) for fact in latest(facts, _task)))


async def withdraw(transaction: Connection, facts: Sequence[care.TouchMissWithdrawn], zone: ZoneInfo) -> None:
    """Takes misses back; what became of the touches instead is told next."""
    await _OPEN_AGAIN.execute(transaction, **by_column(_open_again(fact, zone) for fact in latest(facts, _task)))


async def order_make_good(transaction: Connection, facts: Sequence[care.TouchMakeGoodOrdered]) -> None:
    """Keeps until when misses are to be made good."""
    rows = [{"id": fact.task_id, "make_good_until": fact.until} for fact in latest(facts, _task)]
    await _ORDER.execute(transaction, **by_column(rows))


async def make_good(transaction: Connection, facts: Sequence[care.TouchMadeGood]) -> None:
    """Keeps that misses were made good, also where the end of that time had been told already."""
    made = latest(facts, _task)
    await _MADE_GOOD.execute(transaction, **by_column({"id": fact.task_id, "made_good_at": fact.at} for fact in made))
    if touches := [{"id": fact.make_good_id} for fact in made if fact.make_good_id]:
        await _MET.execute(transaction, **by_column(touches))


async def miss_make_good(transaction: Connection, facts: Sequence[care.TouchMakeGoodMissed]) -> None:
    """Keeps that misses were not made good in time."""
    ended = latest(facts, _task)
    rows = [{"id": fact.task_id, "make_good_missed_at": fact.at} for fact in ended]
    await _NOT_MADE_GOOD.execute(transaction, **by_column(rows))
    if touches := [{"id": fact.make_good_id, "missed_at": fact.at} for fact in ended if fact.make_good_id]:
        await _MISS.execute(transaction, **by_column(touches))


def _open_again(fact: care.TouchMissWithdrawn, zone: ZoneInfo) -> dict[str, object]:
    return {**_said(fact, "open", month_of_window(fact.due_at, zone)), "due_at": fact.due_at}


def _planned(fact: care.TouchPlanned, zone: ZoneInfo) -> dict[str, object]:
    return {
        **_said(fact, "open", month_of_window(fact.due_at, zone)),
        "due_at": fact.due_at,
        "not_before": fact.not_before,
    }


def _settled(fact: Settled, zone: ZoneInfo) -> dict[str, object]:
    outcome: dict[str, object] = {**dict.fromkeys((*_OUTCOME, "excuse")), "recorded_late": False}
    if isinstance(fact, care.TouchMissed):
        missed = _said(fact, "missed", month_of_window(fact.due_at, zone))
        return {**missed, **outcome, "due_at": fact.due_at, "missed_at": fact.at, "excuse": fact.excuse}
    month = Month.of(fact.at, zone)
    if isinstance(fact, care.TouchDone):
        done = _said(fact, "done", month)
        said = {"done_at": fact.at, "minutes": fact.minutes, "recorded_late": fact.recorded_late}
        return {**done, **outcome, **said, "due_at": fact.at}
    return {**_said(fact, "dropped", month), **outcome, "due_at": fact.at}


def _said(fact: care.TouchFact, state: str, month: Month) -> dict[str, object]:
    return {
        "id": fact.task_id,
        "customer_id": fact.customer_id,
        "kind": fact.kind,
        "role": fact.role,
        "contact": fact.contact,
        "assignee_id": fact.assignee_id,
        "state": state,
        "month": str(month),
    }


def _task(fact: care.TouchFact) -> Hashable:
    return fact.task_id
