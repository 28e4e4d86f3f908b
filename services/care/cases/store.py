"""Open complaints per customer, and the numbers of cases."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import Uuid, func, select
from sqlmodel import col

from services.care.cases.tables import CaseRow
from shared import aliases
from shared.contracts.base import CaseFact
from shared.db import Connection
from shared.statement import Reader, Statement, any_given, excluded, upsert_many

_COLUMNS = ("complaint_id", "customer_id", "number", "open", "overdue")
_SAID = excluded(CaseRow)

KEEP = Statement(
    upsert_many(
        CaseRow,
        *_COLUMNS,
        key=["complaint_id"],
        keep={
            "customer_id": func.coalesce(_SAID.customer_id, col(CaseRow.customer_id)),
            "number": func.coalesce(_SAID.number, col(CaseRow.number)),
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
            "customer_id": col(CaseRow.customer_id),
            "number": func.coalesce(col(CaseRow.number), _SAID.number),
            "open": col(CaseRow.open),
        },
    )
)
"""A late answer may tell of the breach and end the case at once, so this opens none that is known."""
_HOLDS = Statement(
    select(col(CaseRow.customer_id), func.bool_or(col(CaseRow.overdue)).label("overdue"))
    .where(col(CaseRow.customer_id) == any_given("customers", Uuid), col(CaseRow.open))
    .group_by(col(CaseRow.customer_id))
)
_NUMBERS = Statement(
    select(col(CaseRow.complaint_id), col(CaseRow.number)).where(
        col(CaseRow.complaint_id) == any_given("complaints", Uuid), col(CaseRow.number).is_not(None)
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
    same = await aliases.together(reader, customers)
    rows = await _HOLDS.all(reader, customers=list({each for every in same.values() for each in every}))
    overdue = {row["customer_id"]: row["overdue"] for row in rows}
    held = {id_: [overdue[each] for each in every if each in overdue] for id_, every in same.items()}
    return {id_: "overdue_complaint" if any(each) else "open_complaint" for id_, each in held.items() if each}


async def numbers(reader: Connection, complaints: Collection[UUID]) -> Mapping[UUID, str]:
    """The numbers that are known."""
    rows = await _NUMBERS.all(reader, complaints=list(complaints))
    return {row["complaint_id"]: row["number"] for row in rows}
