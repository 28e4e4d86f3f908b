"""Reading the steps of a case."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.complaints.cases.queries import read_case
from services.complaints.context import Context
from services.complaints.history.tables import EntryRow
from services.complaints.steps.domain import DoneStep, ReadStep
from services.complaints.steps.tables import StepRow
from shared.personal import Vault
from shared.statement import Statement, given, table

_OF_A_STEP = ("round", "step", "owner_id", "done_at", "policy_version", "entry_id")
_STEPS = Statement(
    select(*(table(StepRow).c[name] for name in _OF_A_STEP), col(EntryRow.entered_by), col(EntryRow.words))
    .join_from(StepRow, EntryRow, col(EntryRow.id) == col(StepRow.entry_id))
    .where(col(StepRow.complaint_id) == given("case_id"))
    .order_by(col(StepRow.round), col(StepRow.done_at), col(StepRow.entry_id))
)


async def list_steps(context: Context, case_id: UUID, *, viewer: UUID | None) -> list[ReadStep]:
    """The steps that are done, by round. Raises ComplaintNotFound where the case is not the viewer's to see."""
    await read_case(context, case_id, viewer=viewer)
    return [_unsealed(context.words, **row) for row in await _STEPS.all(context.database, case_id=case_id)]


def _unsealed(vault: Vault, *, entry_id: UUID, entered_by: UUID, words: bytes | None, **done: Any) -> ReadStep:
    text = vault.open(words, entry_id.bytes).decode() if words is not None else None
    return ReadStep(DoneStep(**done), entered_by, text)
