"""Use cases of a case on its way: answer, resolve, close, reopen, the steps."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.complaints.call_backs import queries as call_backs
from services.complaints.cases.domain import BreachNotice, Case, CaseState, ComplaintNotFound, Said, Unsigned, moment_of
from services.complaints.cases.events import fact_of
from services.complaints.cases.queries import require_seen
from services.complaints.cases.store import rounds
from services.complaints.cases.store.accused import accused_in
from services.complaints.cases.store.holding import lock, lock_each
from services.complaints.compensations import store as compensations
from services.complaints.context import Context
from services.complaints.customers.store import present_tier
from services.complaints.history import handlers as history
from services.complaints.history.handlers import Movement
from services.complaints.links import store as links
from services.complaints.links.domain import ChildrenOpen, check_parent
from services.complaints.links.handlers import let_go
from services.complaints.response_clocks.domain.chain import Chain
from services.complaints.response_clocks.store import Concern, chains_of
from services.complaints.rulebook.domain.rulebook import Rulebook
from services.complaints.rulebook.queries import read_rulebook
from services.complaints.solutions.domain import awaits_approval, check_may_execute
from services.complaints.solutions.events import no_longer_asked
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
    ComplaintEscalated,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintStepDone,
)
from shared.contracts.customers import Tier
from shared.db import Connection
from shared.errors import Busy
from shared.references import UnknownStaff


async def answer(context: Context, id_: UUID, said: Said) -> Case:
    """Stops the clock with a definite answer; a miss that nobody has noticed yet is recorded with it.

    Raises ComplaintNotFound, OwnCase, TextMissing, TimeNotAllowed, WrongState.
    """
    async with context.database.transaction() as transaction:
        case, moment = await _begin(transaction, context, id_, said, does="answer")
        said.require_text(case, "what the answer is")
        chain = await _chain(transaction, case)
        case, events = domain.answer(case, moment, chain)
        fact = fact_of(ComplaintAnswered, case, moment, in_time=case.clock.in_time, staff_id=said.by)
        return await history.keep(transaction, context, Movement(case, "answered", said, moment, [fact], events))


async def resolve(context: Context, id_: UUID, said: Said) -> Case:
    """The matter is solved; it answers too when nothing did before."""
    async with context.database.transaction() as transaction:
        case, moment = await _begin(transaction, context, id_, said, does="resolve")
        chain = await _chain(transaction, case)
        stops = case.clock.stopped_at is None
        case, events = domain.resolve(case, moment, chain)
        fact = fact_of(ComplaintResolved, case, moment, in_time=case.clock.in_time, stopped_clock=stops)
        return await history.keep(transaction, context, Movement(case, "resolved", said, moment, [fact], events))


async def close(context: Context, id_: UUID, said: Said) -> Case:
    """Ends the case when all its steps are done, its children are closed, and nothing in it awaits approval."""
    async with context.database.transaction() as transaction:
        case, moment = await _begin(transaction, context, id_, said, does="close")
        if children := await links.open_children(transaction, id_):
            raise ChildrenOpen(children)
        case = domain.close(case, moment, await done_of(transaction, case))
        if awaiting := await _awaiting(transaction, case):
            raise domain.ApprovalMissing(awaiting)
        called = await call_backs.day_of(transaction, case, moment, context.zone)
        begins, ends = called or (None, None)
        fact = fact_of(ComplaintClosed, case, moment, call_back_from=begins, call_back_due_at=ends)
        return await history.keep(transaction, context, Movement(case, "closed", said, moment, [fact]))


class Reopening(NamedTuple):
    """A case that can be opened again: held, with its parent if it has one, and the tier that its customer has."""

    case: Case
    parent: Case | None
    tier: Tier | None


async def hold_to_reopen(transaction: Connection, id_: UUID) -> Reopening:
    """The case and what its next round depends on, held in the one order: the customer, then cases by id.

    Raises ComplaintNotFound, and Busy where it has come to another customer or parent in this instant.
    """
    belongs = await store.belonging(transaction, id_)
    if belongs is None:
        raise ComplaintNotFound("no complaint has this id")
    tier = await present_tier(transaction, belongs.customer_id)
    wanted = [id_, *([belongs.parent_id] if belongs.parent_id is not None else [])]
    held = {case.id: case for case in await lock_each(transaction, wanted)}
    if await store.belonging(transaction, id_) != belongs:
        raise Busy("the case has just come to another customer or parent; try again")
    return Reopening(held[id_], held[belongs.parent_id] if belongs.parent_id is not None else None, tier)


async def reopen(context: Context, id_: UUID, said: Said) -> Case:
    """Starts the next round with a new clock; the earlier round stays as it was.

    Raises ParentClosed: a child that is open holds its parent open.
    """
    rulebook = await read_rulebook(context)
    async with context.database.transaction() as transaction:
        held = await hold_to_reopen(transaction, id_)
        moment = moment_of(held.case, said.at, context.clock.now())
        check_parent(held.parent)
        return await _reopen(transaction, context, held, said, moment, rulebook)


async def reopen_dissatisfied(
    transaction: Connection,
    context: Context,
    held: Reopening,
    said: Said | Unsigned,
    moment: datetime,
    rulebook: Rulebook,
) -> Case:
    """The same because the complainant is dissatisfied, who is not sent away: from a parent that has ended the case is
    let go, and goes on by itself."""
    if held.parent is not None and held.parent.state is CaseState.CLOSED:
        held = held._replace(case=await let_go(transaction, context, held.case, held.parent))
    return await _reopen(transaction, context, held, said, moment, rulebook)


async def _reopen(
    transaction: Connection,
    context: Context,
    held: Reopening,
    said: Said | Unsigned,
    moment: datetime,
    rulebook: Rulebook,
) -> Case:
    case, tier = held.case, held.tier
    policy = rulebook.policy(tier, case.subject, moment)
    reopened = domain.reopen(case, moment, policy, rulebook.calendar(policy), tier)
    await rounds.keep_round(transaction, case.id, moment)
    unheard = awaits_approval(await standing_solution(transaction, case))
    reopened, raised = await _raised(transaction, reopened, moment)
    fact = fact_of(
        ComplaintReopened,
        reopened,
        moment,
        answer_due_at=reopened.clock.due_at,
        responsible_id=reopened.responsible_id,
    )
    facts = [fact, *([no_longer_asked(reopened, moment)] if unheard else []), *raised]
    return await history.keep(transaction, context, Movement(reopened, "reopened", said, moment, facts))


async def _raised(transaction: Connection, case: Case, at: datetime) -> tuple[Case, list[ComplaintEscalated]]:
    """The case reopened, and whom that is told at once, if it is not the first time; the past is told to nobody."""
    if case.round < domain.TWICE_REOPENED or case.historical(at):
        return case, []
    case, told = domain.reopened_again(case, await _chain(transaction, case))
    level, staff_id = case.clock.escalation_level, told.staff_id if told is not None else None
    due_at = case.clock.moment_after(case.clock.answer_within)
    notice = BreachNotice(case.id, case.round, level, staff_id, due_at, at, case.accountable_id, at)
    await rounds.keep_breach_notices(transaction, [notice])
    fact = fact_of(
        ComplaintEscalated, case, at, number=case.number, level=level, staff_id=staff_id, due_at=due_at, reopened=True
    )
    return case, [fact]


async def do_step(
    context: Context, id_: UUID, step: Step, said: Said, owner_id: UUID | None, caller: Principal
) -> Case:
    """Records a step as done, with its owner, time and result, by whom the table lets do it.

    Who does not see the case is told that there is none. Raises ComplaintNotFound, OwnCase, Forbidden,
    OwnerNotAllowed, and what the steps' order refuses.
    """
    await require_seen(context, id_, viewer=viewer(caller))
    async with context.database.transaction() as transaction:
        case = await lock(transaction, id_)
        case, _ = await do_step_locked(transaction, context, case, step, said, owner_id=owner_id, caller=caller)
    return case


async def do_step_locked(
    transaction: Connection,
    context: Context,
    case: Case,
    step: Step,
    said: Said,
    *,
    owner_id: UUID | None,
    caller: Principal,
) -> tuple[Case, datetime]:
    """The same for a case that is held already; returns also when the step was done."""
    moment = moment_of(case, said.at, context.clock.now())
    version = await require(transaction, case, domain.act_of(step), caller, moment, owner_id)
    if not case.historical(moment):
        domain.check_owner(case, step, owner_id, caller, await accused_in(transaction, case.id))
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
    return case, moment


async def _awaiting(transaction: Connection, case: Case) -> list[str]:
    """What of a held case awaits somebody's word, by its path below the case."""
    solution = await standing_solution(transaction, case)
    asked = await compensations.awaiting(transaction, case.id)
    return [*(["solution"] if awaits_approval(solution) else []), *(f"compensations/{id_}" for id_ in asked)]


async def _begin(
    transaction: Connection, context: Context, id_: UUID, said: Said, *, does: str
) -> tuple[Case, datetime]:
    """The held case and the moment of what happens to it. Raises OwnCase where it is against who says it.

    What was done before a takeover is entered by whoever enters it.
    """
    case = await lock(transaction, id_)
    if said.at is None or not case.historical(said.at):
        (await accused_in(transaction, id_)).check_not(said.by, does)
    return case, moment_of(case, said.at, context.clock.now())


async def _chain(transaction: Connection, case: Case) -> Chain:
    concern = Concern(case.concerns_id, case.customer_id)
    return (await chains_of(transaction, [concern]))[concern]
