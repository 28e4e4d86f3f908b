"""Writing versions of the assignment policy."""

from datetime import timedelta
from uuid import UUID

from services.complaints.assignment.domain.policies import AssignmentPolicy, check_silence
from services.complaints.assignment.store import policies
from services.complaints.context import Context
from services.complaints.scheme import handlers as scheme


async def write_policy(context: Context, most_open: int, silent_after: timedelta, *, by: UUID) -> AssignmentPolicy:
    """The next version, in force for what is given out from now on. Raises SilenceOutOfBounds."""
    check_silence(silent_after)
    async with context.database.transaction() as transaction:
        added = await policies.add(transaction, most_open, silent_after, context.clock.now(), by)
        await scheme.announce(transaction)
    return added
