"""Reading the steps of a case."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.complaints.cases.queries import read_case
from services.complaints.context import Context
from services.complaints.steps.domain import DoneStep
from services.complaints.steps.tables import StepRow
from shared.statement import Statement, given

_STEPS = Statement(
    select(col(StepRow.round), col(StepRow.step), col(StepRow.owner_id), col(StepRow.done_at))
    .where(col(StepRow.complaint_id) == given("case_id"))
    .order_by(col(StepRow.round), col(StepRow.done_at), col(StepRow.entry_id)),
    DoneStep,
)


async def list_steps(context: Context, case_id: UUID, *, viewer: UUID | None) -> list[DoneStep]:
    """The steps that are done, by round. Raises ComplaintNotFound where the case is not the viewer's to see."""
    await read_case(context, case_id, viewer=viewer)
    return await _STEPS.all(context.database, case_id=case_id)
