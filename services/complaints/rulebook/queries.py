"""Reading the rulebook: whole, and its subjects, clock policies and calendars."""

from collections.abc import Sequence
from typing import Any

from services.complaints.context import Context
from services.complaints.rulebook.domain.calendar import WORKING_HOURS, Calendar, CalendarNotFound
from services.complaints.rulebook.domain.making import working_hours
from services.complaints.rulebook.domain.policies import ClockPolicy
from services.complaints.rulebook.domain.rulebook import Rulebook
from services.complaints.rulebook.store import calendars, policies, subjects
from services.complaints.rulebook.store.revisions import revision

_SUBJECTS = "SELECT code, name_en, name_zh, active FROM subject ORDER BY code"


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


async def list_subjects(context: Context) -> Sequence[Any]:
    """Rows of what a case can be about, in use or not."""
    async with context.database.connection() as reader:
        return await reader.fetch(_SUBJECTS)


async def list_calendars(context: Context) -> list[Calendar]:
    """Every calendar as it is in force, by name."""
    async with context.database.connection() as reader:
        kept = await calendars.latest(reader)
    built_in = {WORKING_HOURS: working_hours(context.runtime.zone)}
    return [calendar for _, calendar in sorted((built_in | kept).items())]


async def read_calendar(context: Context, name: str) -> Calendar:
    """The calendar as it is in force. Raises CalendarNotFound."""
    async with context.database.connection() as reader:
        found = await calendars.present(reader, name, context.runtime.zone)
    if found is None:
        raise CalendarNotFound("no calendar has this name; always (day and night) needs none")
    return found
