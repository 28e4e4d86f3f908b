"""Statements about steps."""

from dataclasses import asdict
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.complaints.cases.domain import Case
from services.complaints.cases.tables import ComplaintRow
from services.complaints.steps.domain import DoneStep
from services.complaints.steps.tables import StepRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, excluded, given, insert_one, table

_DONE = Scalar(
    select(col(StepRow.step)).where(
        col(StepRow.complaint_id) == given("complaint_id"), col(StepRow.round) == given("round")
    ),
    str,
)


class Belonging(NamedTuple):
    """To which customer and parent a case belongs."""

    customer_id: UUID | None
    parent_id: UUID | None


_BELONGING = Statement(
    select(col(ComplaintRow.customer_id), col(ComplaintRow.parent_id)).where(col(ComplaintRow.id) == given("id")),
    Belonging,
)
_OF_A_STEP = ("complaint_id", "round", "step")
_KEEP = Statement(
    insert_one(StepRow, *table(StepRow).c.keys()).on_conflict_do_update(
        index_elements=list(_OF_A_STEP),
        set_={each.name: excluded(StepRow)[each.name] for each in table(StepRow).c if each.name not in _OF_A_STEP},
    )
)
"""A proposal that was refused is done again; its entries in the history and its solutions stay."""


async def done(reader: Reader, case: Case) -> set[str]:
    """The steps that are done in the case's present round."""
    return set(await _DONE.all(reader, complaint_id=case.id, round=case.round))


async def belonging(reader: Reader, id_: UUID) -> Belonging | None:
    """To whom a case belongs now; None when there is none."""
    return await _BELONGING.one(reader, id=id_)


async def keep_step(transaction: Connection, case_id: UUID, step: DoneStep, entry_id: UUID) -> None:
    """Writes a step that is done; the entry of the history says what it came to."""
    await _KEEP.execute(transaction, complaint_id=case_id, entry_id=entry_id, **asdict(step))
