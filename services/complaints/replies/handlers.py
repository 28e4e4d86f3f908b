"""Use cases of what comes after the answer."""

from dataclasses import dataclass
from uuid import UUID

from services.complaints.cases.domain import Case, CaseState, Said, moment_of
from services.complaints.cases.store import saving
from services.complaints.cases.store.holding import lock
from services.complaints.context import Context
from services.complaints.history import store as history
from services.complaints.replies import store
from services.complaints.replies.domain import SatisfactionGiven, Verdict, verdict
from services.complaints.rulebook.queries import read_rulebook
from services.complaints.steps.handlers import reopen_locked


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the complainant felt and what they expected, each 1 to 10."""

    perceived: int
    expected: int


async def judge(context: Context, id_: UUID, judgement: Judgement, said: Said) -> tuple[Case, Verdict]:
    """Keeps the satisfaction with a round, once; dissatisfied reopens the case (domain 3.5)."""
    rulebook = await read_rulebook(context)
    async with context.database.transaction() as transaction:
        case = await lock(transaction, id_)
        case.require(CaseState.ANSWERED, CaseState.RESOLVED, CaseState.CLOSED)
        moment = moment_of(case, said.at, context.clock.now())
        kept = await store.keep_satisfaction(
            transaction, case, judgement.perceived, judgement.expected, moment, said.by
        )
        if not kept:
            raise SatisfactionGiven("a round is judged once")
        felt = verdict(judgement.perceived, judgement.expected)
        await history.append(transaction, context, case, felt, said, moment)
        if felt == "dissatisfied":
            case = await reopen_locked(transaction, context, case, said, moment, rulebook)
        else:
            case = case.moved(moment)
            await saving.save(transaction, [case])
    return case, felt
