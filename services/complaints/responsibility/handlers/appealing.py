"""Appealing what was decided."""

from uuid import UUID

from services.complaints.context import Context
from services.complaints.responsibility.domain import deciding as domain
from services.complaints.responsibility.domain.deciding import Decision, PenaltyNotFound
from services.complaints.responsibility.domain.penalties import changed
from services.complaints.responsibility.handlers.deciding import hold
from services.complaints.responsibility.handlers.keeping import keep
from services.complaints.responsibility.store import shares


async def appeal(context: Context, id_: UUID, reason: str, *, by: UUID) -> None:
    """Holds a penalty until somebody else decides it anew. Whether the time is over is judged while it is held.

    Raises PenaltyNotFound, NotAPayer, AppealedBefore, NotAppealable, AppealTooLate.
    """
    async with context.database.transaction() as transaction:
        penalty = (await hold(transaction, [id_])).get(id_)
        if penalty is None:
            raise PenaltyNotFound("no penalty has this id")
        payers = {share.staff_id for share in (await shares.of_penalties(transaction, [id_]))[id_]}
        after = domain.appealed(penalty, by, payers, context.clock.now())
        await keep(transaction, context, changed([penalty], [after]), {id_: Decision(None, reason)}, by=by)
