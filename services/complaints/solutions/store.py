"""Solutions in the database."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from services.complaints.cases.domain import Case
from services.complaints.solutions.domain import Solution, SolutionState
from services.complaints.solutions.tables import SolutionRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, given, insert_one, table, update_many


def solution(state: str, **fields: Any) -> Solution:
    return Solution(state=SolutionState(state), **fields)


KEPT: Sequence[str] = [field.name for field in fields(Solution)]
ALL = select(*(table(SolutionRow).c[name] for name in KEPT))
_STANDING = Statement(
    ALL.where(col(SolutionRow.complaint_id) == given("complaint_id"), col(SolutionRow.round) == given("round"))
    .order_by(col(SolutionRow.attempt).desc())
    .limit(1),
    solution,
)
_ADD = Statement(insert_one(SolutionRow, *KEPT))
_DECIDE = Statement(update_many(SolutionRow, "entry_id", "state", "decided_by", "decided_at", key=("entry_id",)))


async def standing(reader: Reader, case: Case) -> Solution | None:
    """The latest solution of the case's present round."""
    return await _STANDING.one(reader, complaint_id=case.id, round=case.round)


async def add(transaction: Connection, new: Solution) -> None:
    await _ADD.execute(transaction, **asdict(new))


async def decide(transaction: Connection, decided: Solution) -> None:
    """Writes what became of it."""
    await _DECIDE.execute(
        transaction,
        entry_id=[decided.entry_id],
        state=[decided.state.value],
        decided_by=[decided.decided_by],
        decided_at=[decided.decided_at],
    )


_EXECUTED = Scalar(
    """
    SELECT EXISTS (SELECT 1 FROM case_step s
                   WHERE s.complaint_id = :complaint_id AND s.round = :round AND s.step = 'execute')
    """,
    bool,
)
"""By hand: the steps are a capability above this one."""


async def executed(reader: Reader, case: Case) -> bool:
    """Whether the present round's solution has been executed."""
    return await _EXECUTED.only(reader, complaint_id=case.id, round=case.round)
