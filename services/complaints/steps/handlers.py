"""Use cases of a case on its way: answer, resolve, close, reopen, the steps."""

from datetime import datetime
from uuid import UUID

from services.complaints.cases.domain import Case, Said, Unsigned, moment_of
from services.complaints.cases.events import fact_of
from services.complaints.cases.queries import require_seen
from services.complaints.cases.store import rounds
from services.complaints.cases.store.holding import lock
from services.complaints.context import Context
from services.complaints.customers.store import present_tier
from services.complaints.history import handlers as history
from services.complaints.history.handlers import Movement
from services.complaints.links import store as links
from services.complaints.links.domain import ChildrenOpen
from services.complaints.response_clocks.domain.chain import Chain
from services.complaints.response_clocks.store import Concern, chains_of
from services.complaints.rulebook.domain.rulebook import Rulebook
from services.complaints.rulebook.queries import read_rulebook
from services.complaints.solutions.domain import check_may_execute
from services.complaints.solutions.handlers import Proposal, propose
from services.complaints.solutions.store import standing as standing_solution
from services.complaints.step_roles.queries import require
from services.complaints.steps import domain, store
from services.complaints.steps.domain import DoneStep, Step
from services.complaints.steps.queries import done_of
from shared import directory
from shared.auth.principal import Principal
from shared.auth.visibility import viewer
from shared.contracts.complaints import (
    ComplaintAnswered,
    ComplaintClosed,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintStepDone,
)
from shared.db import Connection
from shared.references import UnknownStaff


async def answer(context: Context, id_: UUID, said: Said) -> Case:
    """Stops the clock with a definite answer; a miss that nobody has noticed yet is recorded with it."""
    async with context.database.transaction() as transaction:
        case, moment = await _begin(transaction, context, id_, said)
        said.require_text(case, "what the answer is")
        chain = await _chain(transaction, case)
        case, events = domain.answer(case, moment, chain)
        fact = fact_of(ComplaintAnswered, case, moment, in_time=case.clock.in_time, staff_id=said.by)
        return await history.keep(transaction, context, Movement(case, "answered", said, moment, [fact], events))


async def resolve(context: Context, id_: UUID, said: Said) -> Case:
    """The matter is solved; it answers too when nothing did before."""
    async with context.database.transaction() as transaction:
        case, moment = await _begin(transaction, context, id_, said)
        chain = await _chain(transaction, case)
        stops = case.clock.stopped_at is None
        case, events = domain.resolve(case, moment, chain)
        fact = fact_of(ComplaintResolved, case, moment, in_time=case.clock.in_time, stopped_clock=stops)
        return await history.keep(transaction, context, Movement(case, "resolved", said, moment, [fact], events))


async def close(context: Context, id_: UUID, said: Said) -> Case:
    """Ends the case when all its steps are done, and its children are closed."""
    async with context.database.transaction() as transaction:
        case, moment = await _begin(transaction, context, id_, said)
        if children := await links.open_children(transaction, id_):
            raise ChildrenOpen(children)
        case = domain.close(case, moment, await done_of(transaction, case))
        fact = fact_of(ComplaintClosed, case, moment)
        return await history.keep(transaction, context, Movement(case, "closed", said, moment, [fact]))


async def reopen(context: Context, id_: UUID, said: Said) -> Case:
    """Starts the next round with a new clock; the earlier round stays as it was."""
    rulebook = await read_rulebook(context)
    async with context.database.transaction() as transaction:
        case, moment = await _begin(transaction, context, id_, said)
        return await reopen_locked(transaction, context, case, said, moment, rulebook)


async def reopen_locked(
    transaction: Connection, context: Context, case: Case, said: Said | Unsigned, moment: datetime, rulebook: Rulebook
) -> Case:
    """The same for a case that is held already."""
    tier = await present_tier(transaction, case.customer_id)
    policy = rulebook.policy(tier, case.subject, moment)
    reopened = domain.reopen(case, moment, policy, rulebook.calendar(policy), tier)
    await rounds.keep_round(transaction, case.id, moment)
    fact = fact_of(
        ComplaintReopened,
        reopened,
        moment,
        answer_due_at=reopened.clock.due_at,
        responsible_id=reopened.responsible_id,
    )
    return await history.keep(transaction, context, Movement(reopened, "reopened", said, moment, [fact]))


async def do_step(
    context: Context, id_: UUID, step: Step, said: Said, owner_id: UUID | None, caller: Principal
) -> Case:
    """Records a step as done, with its owner, time and result, by whom the table lets do it.

    Who does not see the case is told that there is none. Raises ComplaintNotFound, OwnCase, Forbidden, and what the
    steps' order refuses.
    """
    await require_seen(context, id_, viewer=viewer(caller))
    async with context.database.transaction() as transaction:
        case, moment = await _begin(transaction, context, id_, said)
        version = await require(transaction, case, domain.act_of(step), caller, moment, owner_id)
        said.require_text(case, "what the step came to")
        domain.check_step(case, step, await done_of(transaction, case))
        if step == "execute":
            check_may_execute(await standing_solution(transaction, case))
        if owner_id is not None and not await directory.staff(transaction, [owner_id]):
            raise UnknownStaff("no member of staff has this id", pointer="#/owner_id")
        owner = domain.owner_of(case, step, owner_id, said.by)
        done = DoneStep(case.round, step, owner, moment, version)
        fact = fact_of(ComplaintStepDone, case, moment, step=step, owner_id=done.owner_id)
        movement = Movement(case, f"step:{step}", said, moment, [fact])
        case = await history.keep(transaction, context, movement)
        await store.keep_step(transaction, case.id, done, movement.entry_id)
        if step == "propose":
            await propose(transaction, context, case, Proposal(movement.entry_id, said.by, owner), moment)
    return case


async def _begin(transaction: Connection, context: Context, id_: UUID, said: Said) -> tuple[Case, datetime]:
    """The held case and the moment of what happens to it."""
    case = await lock(transaction, id_)
    return case, moment_of(case, said.at, context.clock.now())


async def _chain(transaction: Connection, case: Case) -> Chain:
    concern = Concern(case.concerns_id, case.customer_id)
    return (await chains_of(transaction, [concern]))[concern]
