"""What complainants do themselves: they add words, and say how satisfied they are. Neither is ever an answer."""

from uuid import UUID

from services.complaints.cases.domain import Unsigned
from services.complaints.cases.events import fact_of
from services.complaints.cases.store.holding import lock
from services.complaints.context import Context
from services.complaints.history import handlers as history
from services.complaints.history.handlers import Movement
from services.complaints.replies import handlers as replies
from services.complaints.replies.domain import Judgement
from services.complaints.response_clocks.domain.advancing import replied
from services.complaints.rulebook.queries import read_rulebook
from services.complaints.steps.handlers import hold_to_reopen
from services.complaints.tracking import queries
from shared.contracts.complaints import ComplaintWordsAdded


async def add_words(context: Context, token: str, text: str) -> None:
    """Keeps what the complainant adds as an entry of their own. A pause ends with it; else state and clock stay.

    Raises ComplaintNotFound, TrackingEnded, TooMany.
    """
    id_ = await let_in(context, token)
    async with context.database.transaction() as transaction:
        case = await lock(transaction, id_)
        moment = max(context.clock.now(), case.moved_at)
        fact = fact_of(ComplaintWordsAdded, case, moment)
        clock, resumed = replied(case.clock, moment)
        movement = Movement(case._replace(clock=clock), "words", Unsigned(text), moment, [fact], resumed)
        await history.keep(transaction, context, movement)


async def judge(context: Context, token: str, judgement: Judgement, text: str | None) -> None:
    """Keeps what the complainant thinks of the present round, once; dissatisfied reopens the case (domain 3.5).

    Raises ComplaintNotFound, TrackingEnded, TooMany, WrongState, SatisfactionGiven.
    """
    id_ = await let_in(context, token)
    rulebook = await read_rulebook(context)
    async with context.database.transaction() as transaction:
        held = await hold_to_reopen(transaction, id_)
        moment, said = max(context.clock.now(), held.case.moved_at), Unsigned(text)
        await replies.judge_locked(transaction, context, held, judgement, said, moment=moment, rulebook=rulebook)


async def let_in(context: Context, token: str) -> UUID:
    """The case of a token that is good still, for somebody who has not added too much within the hour."""
    await queries.track(context, token)
    id_ = queries.case_of(context, token)
    context.visits.count_addition(id_)
    return id_
