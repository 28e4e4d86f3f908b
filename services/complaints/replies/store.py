"""Statements about satisfaction."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlmodel import col

from services.complaints.cases.domain import Case
from services.complaints.replies.domain import Judgement
from services.complaints.replies.tables import SatisfactionRow
from shared.db import Connection
from shared.statement import Scalar, insert_one, table

_KEEP = Scalar(
    insert_one(SatisfactionRow, *table(SatisfactionRow).c.keys())
    .on_conflict_do_nothing()
    .returning(col(SatisfactionRow.round)),
    int,
)


async def keep(transaction: Connection, case: Case, judgement: Judgement, at: datetime, by: UUID | None) -> bool:
    """Whether it was kept: a round is judged once."""
    given = asdict(judgement)
    kept = await _KEEP.one(transaction, complaint_id=case.id, round=case.round, **given, at=at, entered_by=by)
    return kept is not None
