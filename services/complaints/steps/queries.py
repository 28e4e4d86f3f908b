"""Reading the steps of a case."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.complaints.cases.queries import read_case
from services.complaints.context import Context

_STEPS = """
SELECT round, step, owner_id, done_at FROM case_step WHERE complaint_id = $1 ORDER BY round, done_at, entry_id
"""


async def list_steps(context: Context, id_: UUID, *, viewer: UUID | None) -> Sequence[Any]:
    """Rows of the steps that are done, by round. Raises ComplaintNotFound where the case is not the viewer's to see."""
    await read_case(context, id_, viewer=viewer)
    async with context.database.connection() as reader:
        return await reader.fetch(_STEPS, id_)
