"""Naming who is responsible for a case."""

from uuid import UUID

from services.complaints.assignment.domain.choosing import check_handler
from services.complaints.assignment.store import offers
from services.complaints.cases.domain import Case, Said
from services.complaints.cases.events import assigned
from services.complaints.cases.store.accused import accused_in
from services.complaints.cases.store.holding import lock
from services.complaints.context import Context
from services.complaints.history import handlers as history
from services.complaints.history.domain import changed
from services.complaints.history.handlers import Movement
from services.complaints.watch.handlers.catching_up import catch_up
from shared import directory
from shared.references import UnknownStaff
from shared.versions import check_version


async def assign(context: Context, id_: UUID, staff_id: UUID, by: UUID, *, expected_version: int | None) -> Case:
    """Names who handles it from now on; what was due before is told in the line of before.

    Somebody of customer service or administration, and never whom the case is against (domain 3.2). Raises
    ComplaintNotFound, UnknownStaff, NotAHandler, AccusedHandler, PreconditionRequired, Stale.
    """
    async with context.database.transaction() as transaction:
        case = await lock(transaction, id_)
        check_version(case.version, expected_version)
        known = (await directory.staff(transaction, [staff_id])).get(staff_id)
        if known is None or not known.active:
            raise UnknownStaff("no active member of staff has this id", pointer="#/staff_id")
        check_handler(staff_id, known.role, await accused_in(transaction, id_))
        now = context.clock.now()
        await offers.drop(transaction, [id_])
        before = await catch_up(transaction, case, now)
        case = before._replace(responsible_id=staff_id)
        fact = assigned(before, case, now)
        said, changes = Said(None, None, by), changed(responsible_id=(before.responsible_id, staff_id))
        return await history.keep(
            transaction,
            context,
            Movement(case, "assigned", said, now, [fact], changes=changes, moves=not case.taken_over),
        )
