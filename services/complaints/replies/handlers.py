"""Use cases of what comes after the answer."""

from datetime import datetime
from uuid import UUID

from services.complaints.cases.domain import Case, CaseState, Said, Unsigned, moment_of
from services.complaints.cases.events import fact_of
from services.complaints.context import Context
from services.complaints.history import handlers as history
from services.complaints.history.handlers import Movement
from services.complaints.replies import store
from services.complaints.replies.domain import Judgement, SatisfactionGiven, check_not_judged
from services.complaints.rulebook.domain.rulebook import Rulebook
from services.complaints.rulebook.queries import read_rulebook
from services.complaints.step_roles.store import involved
from services.complaints.steps.handlers import Reopening, hold_to_reopen, reopen_dissatisfied
from shared.auth.principal import Principal
from shared.contracts.complaints import ComplaintSatisfactionGiven
from shared.db import Connection


async def judge(context: Context, id_: UUID, judgement: Judgement, said: Said, caller: Principal) -> Case:
    """Takes down the satisfaction with a round, once; dissatisfied reopens the case (domain 3.5).

    Raises OwnCase for those whom it judges.
    """
    rulebook = await read_rulebook(context)
    async with context.database.transaction() as transaction:
        held = await hold_to_reopen(transaction, id_)
        check_not_judged(held.case, caller, (await involved(transaction, id_)).people)
        moment = moment_of(held.case, said.at, context.clock.now())
        return await judge_locked(transaction, context, held, judgement, said, moment=moment, rulebook=rulebook)


async def judge_locked(
    transaction: Connection,
    context: Context,
    held: Reopening,
    judgement: Judgement,
    said: Said | Unsigned,
    *,
    moment: datetime,
    rulebook: Rulebook,
) -> Case:
    """The same for a case that is held already, by whoever may say it."""
    case = held.case
    case.require(CaseState.ANSWERED, CaseState.RESOLVED, CaseState.CLOSED)
    if not await store.keep(transaction, case, judgement, moment, said.by):
        raise SatisfactionGiven("a round is judged once")
    given = {"perceived": judgement.perceived, "expected": judgement.expected, "staff_id": said.by}
    fact = fact_of(ComplaintSatisfactionGiven, case, moment, **given)
    case = await history.keep(transaction, context, Movement(case, judgement.verdict, said, moment, [fact]))
    if judgement.verdict == "dissatisfied":
        held = held._replace(case=case)
        case = await reopen_dissatisfied(transaction, context, held, said, moment, rulebook)
    return case
