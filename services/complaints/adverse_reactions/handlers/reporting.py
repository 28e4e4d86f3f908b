"""Reports of adverse reactions to the authority: told that they are made, warned of before, missed once."""

from datetime import datetime
from uuid import UUID

from services.complaints.adverse_reactions import events, store
from services.complaints.adverse_reactions.domain import AdverseReaction, NoAdverseReaction, SafetyReported
from services.complaints.cases.domain import Case, Said, Unsigned
from services.complaints.cases.store.holding import lock, lock_free
from services.complaints.context import Context
from services.complaints.history import handlers as history
from services.complaints.history.handlers import Movement
from shared import audit
from shared.db import Connection

WORDS = {
    "crm.complaint.safety_report_due": "safety_report_due",
    "crm.complaint.safety_report_missed": "safety_report_missed",
}
"""By what a warning and a miss are called in the history of a case."""


async def report(
    context: Context, id_: UUID, report_no: str | None, at: datetime | None, reason: str | None, *, by: UUID
) -> tuple[Case, AdverseReaction]:
    """The authority was told, now unless a moment is given. Told already, it is put right with a reason.

    What was missed until then is told first. Raises ComplaintNotFound, NoAdverseReaction, SafetyReported, ReportTime.
    """
    async with context.database.transaction() as transaction:
        case = await lock(transaction, id_)
        now = context.clock.now()
        before = (await store.lock(transaction, [id_])).get(id_)
        if before is None or not before.counts:
            raise NoAdverseReaction("enter what is known of the reaction first")
        if before.reported_at is not None and reason is None:
            raise SafetyReported("to put right when, or under which number, give a reason")
        moment = at or now
        after = before.reported(moment, report_no, by, now)
        missed = events.told_of(case, before, after) if after.missed_at is not None else None
        await store.keep(transaction, [after])
        await audit.enter(transaction, by, "complaint.safety_reported", id_)
        facts = [*([missed] if missed is not None else []), events.reported(case, after, moment)]
        movement = Movement(case, "safety_reported", Said(reason, None, by), now, facts)
        return await history.keep(transaction, context, movement), after


async def tell_due(context: Context) -> int:
    """Warns of reports and tells of missed ones, a batch: each once, at its own moment; returns of how many cases."""
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        cases = await lock_free(transaction, sorted(await store.due(transaction, now)))
        if not cases:
            return 0
        reactions = await store.lock(transaction, [case.id for case in cases])
        told = [await _tell(context, transaction, case, reactions[case.id]) for case in cases]
    return sum(told)


async def _tell(context: Context, transaction: Connection, case: Case, before: AdverseReaction) -> bool:
    after = before.advanced(context.clock.now())
    fact = events.told_of(case, before, after)
    if fact is None:
        return False
    await store.keep(transaction, [after])
    await history.keep(transaction, context, Movement(case, WORDS[fact.TYPE], Unsigned(), fact.at, [fact]))
    return True
