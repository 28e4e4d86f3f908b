"""Reading the rulebook and the clock policies."""

from services.complaints.calendars import store as calendars
from services.complaints.context import Context
from services.complaints.response_clocks.domain.policies import ClockPolicy
from services.complaints.response_clocks.domain.rulebook import Rulebook
from services.complaints.response_clocks.store import policies
from services.complaints.revisions.store import revision
from services.complaints.subjects import store as subjects


async def read_rulebook(context: Context) -> Rulebook:
    """The rulebook as it stands; the revision is read first, so an older content is never taken for a newer one."""
    async with context.database.connection() as reader:
        return Rulebook(
            await revision(reader),
            tuple(await policies.every(reader)),
            await subjects.codes(reader),
            await calendars.latest(reader),
        )


async def list_policies(context: Context, before: int, limit: int) -> list[ClockPolicy]:
    """Versions below `before`, the latest first."""
    async with context.database.connection() as reader:
        return await policies.before(reader, before, limit)
