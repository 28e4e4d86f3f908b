"""Taking a case: somebody of customer service says that it is theirs to see to (domain 3.3)."""

from uuid import UUID

from services.complaints.cases.domain import Case, CaseState, Said, moment_of
from services.complaints.cases.store.holding import lock
from services.complaints.clocks.domain import AlreadyAccepted
from services.complaints.context import Context
from services.complaints.history import handlers as history
from services.complaints.history.handlers import Movement


async def accept(context: Context, id_: UUID, said: Said) -> Case:
    """Takes a case that nobody has taken; the miss of who is late is recorded with it.

    Raises ComplaintNotFound, AlreadyAccepted, WrongState, TimeNotAllowed.
    """
    async with context.database.transaction() as transaction:
        case = await lock(transaction, id_)
        if case.accepted_at is not None:
            raise AlreadyAccepted("somebody of customer service has taken it already")
        case.require(CaseState.OPEN)
        moment = moment_of(case, said.at, context.clock.now())
        return await history.keep(transaction, context, Movement(case, "accepted", said, moment))
