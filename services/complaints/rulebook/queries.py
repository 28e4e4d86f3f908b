"""Reading the rulebook: whole, and its subjects, clock policies and calendars."""

from typing import Final

from sqlalchemy import select
from sqlmodel import col

from services.complaints.context import Context
from services.complaints.rulebook.domain.calendar import WORKING_HOURS, Calendar, CalendarNotFound
from services.complaints.rulebook.domain.making import working_hours
from services.complaints.rulebook.domain.policies import ClockPolicy
from services.complaints.rulebook.domain.products import ProductOwner, ProductOwners
from services.complaints.rulebook.domain.rulebook import Rulebook
from services.complaints.rulebook.domain.subjects import Subject
from services.complaints.rulebook.store import calendars, policies, products, subjects
from services.complaints.rulebook.store.revisions import revision
from services.complaints.rulebook.tables import SubjectRow
from shared.statement import Reader, Statement, table

ABOVE_EVERY_VERSION: Final = 2**31 - 1
_SUBJECTS = Statement(select(*table(SubjectRow).c).order_by(col(SubjectRow.code)), Subject)


async def read_rulebook(context: Context) -> Rulebook:
    """The rulebook as it stands; the revision is read first, so an older content is never taken for a newer one."""
    async with context.database.connection() as reader:
        return await rulebook_in(reader)


async def rulebook_in(reader: Reader) -> Rulebook:
    """The same within a transaction."""
    return Rulebook(
        await revision(reader),
        tuple(await policies.every(reader)),
        await subjects.in_use(reader),
        await calendars.latest(reader),
        ProductOwners(await products.latest(reader)),
    )


async def list_subjects(context: Context) -> list[Subject]:
    """What a case can be about, in use or not."""
    return await _SUBJECTS.all(context.database)


async def list_product_owners(context: Context) -> list[ProductOwner]:
    """Who answers for which product now; who answers for any other first."""
    return await products.latest(context.database)


async def list_policies(context: Context, below: int | None, most: int) -> list[ClockPolicy]:
    """Versions, the latest first; those below one, if it is given."""
    return await policies.below(context.database, ABOVE_EVERY_VERSION if below is None else below, most)


async def list_calendars(context: Context) -> list[Calendar]:
    """Every calendar as it is in force, by name."""
    kept = await calendars.latest(context.database)
    return [calendar for _, calendar in sorted(({WORKING_HOURS: working_hours(context.zone)} | kept).items())]


async def read_calendar(context: Context, name: str) -> Calendar:
    """The calendar as it is in force. Raises CalendarNotFound."""
    found = await calendars.present(context.database, name, context.zone)
    if found is None:
        raise CalendarNotFound("no calendar has this name; always (day and night) needs none")
    return found
