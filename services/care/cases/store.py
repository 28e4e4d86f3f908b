"""Open complaints per customer, and the numbers of cases."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import Uuid, func, select

from services.care.cases.tables import CaseRow
from shared.contracts.complaints import CaseFact
from shared.db import Connection
from shared.statement import Reader, Statement, any_given, excluded, table, upsert_many

_COLUMNS = ("complaint_id", "customer_id", "number", "open", "overdue")
_CASE = table(CaseRow).c
_SAID = excluded(CaseRow)

KEEP = Statement(
    upsert_many(
        CaseRow,
        *_COLUMNS,
        key=["complaint_id"],
        keep={
            "customer_id": func.coalesce(_SAID.customer_id, _CASE.customer_id),
            "number": func.coalesce(_SAID.number, _CASE.number),
        },
    )
)
"""Keeps the last word on each case; whoever opens, ends or reopens one ends its being overdue."""
MARK_OVERDUE = Statement(
    upsert_many(
        CaseRow,
        *_COLUMNS,
        key=["complaint_id"],
        keep={
            "customer_id": _CASE.customer_id,
            "number": func.coalesce(_CASE.number, _SAID.number),
            "open": _CASE.open,
        },
    )
)
"""A late answer may tell of the breach and end the case at once, so this opens none that is known."""
_HOLDS = Statement(
    select(_CASE.customer_id, func.bool_or(_CASE.overdue).label("overdue"))
    .where(_CASE.customer_id == any_given("customers", Uuid), _CASE.open)
    .group_by(_CASE.customer_id)
)
_NUMBERS = Statement(
    select(_CASE.complaint_id, _CASE.number).where(
        _CASE.complaint_id == any_given("complaints", Uuid), _CASE.number.is_not(None)
    )
)


def row(fact: CaseFact, number: str | None = None, *, is_open: bool, overdue: bool = False) -> dict[str, object]:
    """What an event says of a case; a customer or number that it does not say leaves the known one."""
    return {
        "complaint_id": fact.complaint_id,
        "customer_id": fact.customer_id,
        "number": number,
        "open": is_open,
        "overdue": overdue,
    }


async def holds(reader: Reader, customers: Collection[UUID]) -> Mapping[UUID, str]:
    """Why promotion to these customers is held: `open_complaint` or `overdue_complaint`; the others are not in it."""
    rows = await _HOLDS.all(reader, customers=list(customers))
    return {row["customer_id"]: "overdue_complaint" if row["overdue"] else "open_complaint" for row in rows}


async def numbers(reader: Connection, complaints: Collection[UUID]) -> Mapping[UUID, str]:
    """The numbers that are known."""
    rows = await _NUMBERS.all(reader, complaints=list(complaints))
    return {row["complaint_id"]: row["number"] for row in rows}
