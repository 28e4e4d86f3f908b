"""Reading working calendars."""

from services.complaints.calendars import store
from services.complaints.calendars.domain.calendar import WORKING_HOURS, Calendar, CalendarNotFound
from services.complaints.calendars.domain.making import working_hours
from services.complaints.context import Context


async def list_calendars(context: Context) -> list[Calendar]:
    """Every calendar as it is in force, by name."""
    async with context.database.connection() as reader:
        kept = await store.latest(reader)
    built_in = {WORKING_HOURS: working_hours(context.runtime.zone)}
    return [calendar for _, calendar in sorted((built_in | kept).items())]


async def read_calendar(context: Context, name: str) -> Calendar:
    """The calendar as it is in force. Raises CalendarNotFound."""
    async with context.database.connection() as reader:
        found = await store.present(reader, name, context.runtime.zone)
    if found is None:
        raise CalendarNotFound("no calendar has this name; always (day and night) needs none")
    return found
