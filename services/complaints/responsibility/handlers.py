"""Naming who is responsible for a case."""

from collections.abc import Callable
from uuid import UUID

from services.complaints.cases.domain import Case, Said
from services.complaints.cases.store import saving
from services.complaints.cases.store.holding import lock
from services.complaints.context import Context
from services.complaints.history import store as history
from services.complaints.responsibility.domain import UnknownStaff
from shared import directory


async def assign(context: Context, id_: UUID, staff_id: UUID, by: UUID, *, check: Callable[[int], None]) -> Case:
    """Names who is responsible from now on; `check` refuses a version other than the one that was read."""
    async with context.database.transaction() as transaction:
        case = await lock(transaction, id_)
        check(case.version)
        known = (await directory.staff(transaction, [staff_id])).get(staff_id)
        if known is None or not known.active:
            raise UnknownStaff("no active member of staff has this id", pointer="#/staff_id")
        now = context.clock.now()
        case = case._replace(responsible_id=staff_id).moved(case.moved_at)
        await saving.save(transaction, [case])
        await history.append(transaction, context, case, "assigned", Said(None, None, by), now)
    return case
