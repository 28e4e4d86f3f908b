"""Reading the solutions of a case."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import col

from services.complaints.cases.queries import require_seen
from services.complaints.context import Context
from services.complaints.history.tables import EntryRow
from services.complaints.solutions import store
from services.complaints.solutions.domain import Solution
from services.complaints.solutions.tables import SolutionRow
from shared.statement import Statement, given

_OF_CASE = Statement(
    store.ALL.add_columns(col(EntryRow.words))
    .join_from(SolutionRow, EntryRow, col(EntryRow.id) == col(SolutionRow.entry_id))
    .where(col(SolutionRow.complaint_id) == given("complaint_id"))
    .order_by(col(SolutionRow.round), col(SolutionRow.attempt))
)


@dataclass(frozen=True, slots=True)
class ReadSolution:
    """A solution as it is read: with what it is."""

    solution: Solution
    text: str | None


async def list_solutions(context: Context, case_id: UUID, *, viewer: UUID | None) -> list[ReadSolution]:
    """Every solution that was proposed, round by round. Raises ComplaintNotFound."""
    await require_seen(context, case_id, viewer=viewer)
    return [_unsealed(context, **row) for row in await _OF_CASE.all(context.database, complaint_id=case_id)]


def _unsealed(context: Context, *, words: bytes | None, **fields: Any) -> ReadSolution:
    solution = store.solution(**fields)
    text = context.words.open(words, solution.entry_id.bytes).decode() if words is not None else None
    return ReadSolution(solution, text)
