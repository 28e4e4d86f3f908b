"""Taking a case: somebody of customer service says that it is theirs to see to (domain 3.3)."""

from uuid import UUID

from services.complaints.cases.domain import Case, CaseState, Said, moment_of
from services.complaints.cases.events import assigned
from services.complaints.cases.store.accused import accused_in
from services.complaints.cases.store.holding import lock
from services.complaints.clocks.domain.rounds import AlreadyAccepted, check_taker
from services.complaints.context import Context
from services.complaints.history import handlers as history
from services.complaints.history.domain import changed
from services.complaints.history.handlers import Movement
from services.complaints.watch.handlers.catching_up import catch_up
from shared import directory
from shared.auth.principal import Principal
from shared.db import Connection


async def accept(context: Context, id_: UUID, said: Said, caller: Principal) -> Case:
    """Takes a case that nobody has taken; the miss of who is late is recorded with it.

    A colleague of customer service handles it from now on; administration takes internal cases, for whoever handles
    them (domain 3.6).

    Raises ComplaintNotFound, OwnCase, Forbidden, AlreadyAccepted, WrongState, TimeNotAllowed.
    """
    async with context.database.transaction() as transaction:
        case = await lock(transaction, id_)
        if said.at is None or not case.historical(said.at):
            (await accused_in(transaction, id_)).check_not(said.by, "accept")
        check_taker(case, caller)
        if case.accepted_at is not None:
            raise AlreadyAccepted("somebody of customer service has taken it already")
        case.require(CaseState.OPEN)
        if said.at is None:  # what was due before is told in the line of before
            case = await catch_up(transaction, case, context.clock.now())
        moment = moment_of(case, said.at, context.clock.now())
        handles = await _is_of_customer_service(transaction, said.by)
        taken = case._replace(responsible_id=said.by) if handles else case
        facts = [assigned(case, taken, moment)] if taken.responsible_id != case.responsible_id else []
        changes = changed(responsible_id=(case.responsible_id, taken.responsible_id))
        return await history.keep(
            transaction, context, Movement(taken, "accepted", said, moment, facts, changes=changes)
        )


async def _is_of_customer_service(reader: Connection, staff_id: UUID) -> bool:
    colleague = (await directory.staff(reader, [staff_id])).get(staff_id)
    return colleague is not None and colleague.active and colleague.role in ("cs_specialist", "cs_manager")
