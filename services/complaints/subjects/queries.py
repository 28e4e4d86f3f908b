"""Reading subjects."""

from collections.abc import Sequence
from typing import Any

from services.complaints.context import Context

_SUBJECTS = "SELECT code, name_en, name_zh, active FROM subject ORDER BY code"


async def list_subjects(context: Context) -> Sequence[Any]:
    """Rows of what a case can be about, in use or not."""
    async with context.database.connection() as reader:
        return await reader.fetch(_SUBJECTS)
