"""Changing who may do which step."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.complaints.context import Context
from services.complaints.policies import handlers as policies
from services.complaints.policies.domain import PolicyVersion
from services.complaints.step_roles.domain import check_doable


async def write(
    context: Context, doers: Mapping[str, Sequence[str]], starts_at: datetime | None, *, by: UUID
) -> PolicyVersion:
    """Adds a version of the table; an act that is not named stays with whom the version before gave it to.

    Raises NobodyMay.
    """
    check_doable(doers)
    return await policies.write(
        context, "step_roles", starts_at, lambda before: {"doers": {**before["doers"], **doers}}, by=by
    )
