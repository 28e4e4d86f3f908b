"""Judging a case, and judging it again."""

from uuid import UUID

from services.complaints.cases.domain import Case, Said, moment_of
from services.complaints.cases.events import fact_of
from services.complaints.cases.queries import require_seen
from services.complaints.cases.store.holding import lock
from services.complaints.context import Context
from services.complaints.contract_measures import handlers as contract_measures
from services.complaints.faults import handlers as faults
from services.complaints.history import handlers as history
from services.complaints.history.handlers import Movement
from services.complaints.internal_cases.domain import EvidenceMissing
from services.complaints.internal_cases.store import lacks_evidence
from services.complaints.judgements.domain import Judgement
from services.complaints.step_roles.queries import require
from shared import audit
from shared.auth.principal import Principal
from shared.auth.visibility import viewer
from shared.contracts.complaints import ComplaintJudged


async def judge(context: Context, id_: UUID, judgement: Judgement, said: Said, caller: Principal) -> Case:
    """Judges the case in any state; judged again is a new entry of its history. Who judged whom stands in the audit.

    Found not valid or malicious, what a fault costs and what was done by contract because of it is taken back with it.
    The table of step roles says who may. Raises ComplaintNotFound, OwnCase, Forbidden, TimeNotAllowed, EvidenceMissing.
    """
    await require_seen(context, id_, viewer=viewer(caller))
    async with context.database.transaction() as transaction:
        case = await lock(transaction, id_)
        moment = moment_of(case, said.at, context.clock.now())
        await require(transaction, case, "judge", caller, moment)
        if judgement.valid and await lacks_evidence(transaction, id_):
            raise EvidenceMissing("add a file that shows it: what a store is charged with is proved first")
        judged = judgement.of(case)
        fact = fact_of(ComplaintJudged, judged, moment, valid=judgement.valid, good_faith=judgement.good_faith)
        await audit.enter(transaction, said.by, "complaint.judged", id_)
        movement = Movement(judged, "judged", said, moment, [fact], changes=judgement.changes(case))
        case = await history.keep(transaction, context, movement)
        reason = said.text or ""
        case = await contract_measures.withdraw_judged_away(transaction, context, case, reason, by=said.by)
        await faults.reverse_judged_away(transaction, context, case, reason, by=said.by)
        return case
