"""Use cases of what comes after the answer."""

from uuid import UUID

from services.complaints.cases.domain import Case, CaseState, Said, moment_of
from services.complaints.cases.events import fact_of
from services.complaints.cases.store.holding import lock
from services.complaints.context import Context
from services.complaints.history import handlers as history
from services.complaints.history.handlers import Movement
from services.complaints.replies import store
from services.complaints.replies.domain import Judgement, SatisfactionGiven
from services.complaints.rulebook.queries import read_rulebook
from services.complaints.steps.handlers import reopen_locked
from shared.contracts.complaints import ComplaintSatisfactionGiven


async def judge(context: Context, id_: UUID, judgement: Judgement, said: Said) -> Case:
    """Keeps the satisfaction with a round, once; dissatisfied reopens the case (domain 3.5)."""
    rulebook = await read_rulebook(context)
    async with context.database.transaction() as transaction:
        case = await lock(transaction, id_)
        case.require(CaseState.ANSWERED, CaseState.RESOLVED, CaseState.CLOSED)
        moment = moment_of(case, said.at, context.clock.now())
        if not await store.keep(transaction, case, judgement, moment, said.by):
            raise SatisfactionGiven("a round is judged once")
        fact = fact_of(
            ComplaintSatisfactionGiven, case, moment, perceived=judgement.perceived, expected=judgement.expected
        )
        case = await history.keep(transaction, context, Movement(case, judgement.verdict, said, moment, [fact]))
        if judgement.verdict == "dissatisfied":
            case = await reopen_locked(transaction, context, case, said, moment, rulebook)
    return case
