"""Putting right what was entered wrongly: audited, told, and everything that hangs on it follows (decision 21)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.complaints.assignment.handlers.offering import hand_on
from services.complaints.cases.domain import Case, CaseState, ComplaintNotFound, Said
from services.complaints.cases.store.holding import lock_each
from services.complaints.context import Context
from services.complaints.contract_measures import handlers as contract_measures
from services.complaints.corrections import events, store
from services.complaints.corrections.domain import WHAT, Correction, Entered
from services.complaints.corrections.handlers import following
from services.complaints.corrections.handlers.following import Hanging
from services.complaints.customers import store as customers
from services.complaints.history import handlers as history
from services.complaints.history.domain import CORRECTED, Scalar, changed
from services.complaints.history.handlers import Movement
from services.complaints.intake.handlers import check_against
from services.complaints.letters.handlers import planning as letters
from services.complaints.notices import store as notices
from services.complaints.notices.events import withdrawn
from services.complaints.rulebook.domain.rulebook import Rulebook
from services.complaints.rulebook.queries import read_rulebook
from services.complaints.watch.handlers.catching_up import catch_up
from shared import audit
from shared.contracts.base import CaseFact
from shared.contracts.customers import Tier
from shared.db import Connection
from shared.references import UnknownCustomer


class Corrected(NamedTuple):
    """A case that was put right, and the generation of the link by which its complainant follows it."""

    case: Case
    generation: int


async def correct(context: Context, id_: UUID, correction: Correction, by: UUID) -> Corrected:
    """Moves a case to another customer or party, gives it another subject, or says who complains, and of what. The
    clock that was fixed stays.

    An open case takes the tier of its customer, and its place in the queue. A notice to somebody whom the case is not
    against is withdrawn; the case goes to the next where it comes to be against its handler. Whom the case reaches from
    now on has a link of their own and, while it is due, a first reply; the link of before opens nothing any more.

    What was promised in it goes with it, and the internal cases that settle that; a fault that is somebody else's has
    their notice, and costs whose it was taken for nothing; measures against another store are taken back.

    Raises ComplaintNotFound, NothingToCorrect, UnknownCustomer, UnknownSubject, UnknownStaff, UnknownDepartment,
    UnknownAgainst, NobodyComplains, OwnFault, FaultOfNobody.
    """
    rulebook = await _checked(context, correction)
    async with context.database.transaction() as transaction:
        hanging = await Hanging.held(transaction, id_)
        tier = await _tier(transaction, correction)
        settling = hanging.settling if correction.customer_id is not None else []
        cases = {case.id: case for case in await lock_each(transaction, [id_, *settling])}
        if id_ not in cases:
            raise ComplaintNotFound("no complaint has this id")
        await hanging.check_whole(transaction, id_)
        await following.check_fault(transaction, cases[id_], correction, by)
        work = _Work(transaction, context, rulebook, tier, by)
        case, generation = await work.put_right(cases[id_], correction)
        for settled in (cases[each] for each in settling):
            if settled.customer_id != correction.customer_id:
                await work.put_right(settled, correction.of_the_customer)
        case = await following.follow(transaction, context, case, hanging, correction, by=by)
    return Corrected(case, generation)


async def _tier(transaction: Connection, correction: Correction) -> Tier | None:
    """The tier of the customer to whom the case goes, who is held. Raises UnknownCustomer."""
    if correction.customer_id is None:
        return None
    if await customers.known(transaction, correction.customer_id) is None:
        raise UnknownCustomer("no customer with this id has been heard of", pointer="#/customer_id")
    return await customers.present_tier(transaction, correction.customer_id)


@dataclass(frozen=True, slots=True)
class _Work:
    """What putting right a held case takes; `tier` is that of the customer to whom it goes."""

    transaction: Connection
    context: Context
    rulebook: Rulebook
    tier: Tier | None
    by: UUID

    async def put_right(self, case: Case, correction: Correction) -> Corrected:
        """Everything of the case itself; what stood against another store is taken back before."""
        transaction, context, against = self.transaction, self.context, correction.against
        now = context.clock.now()
        if against is not None or correction.customer_id is not None:  # whose team is asked, may be told otherwise
            case = await catch_up(transaction, case, now)
        before = await store.read(transaction, context.words, case.id)
        entered = before.corrected(correction)
        if entered.against_id != before.against_id:
            case = await contract_measures.withdraw_of_another(
                transaction, context, case, correction.reason, by=self.by
            )
        await store.correct(transaction, context.words, case.id, entered)
        accountable_id = case.accountable_id
        party = _Party(case)
        if against is not None:
            answers_id = self.rulebook.products.of(against.name) if against.type == "product" else None
            party = await _against(transaction, case, entered, answers_id, now)
        case = party.case
        if correction.customer_id is not None and case.state is CaseState.OPEN:
            case = case._replace(tier=self.tier)
        case = case._replace(customer_id=entered.customer_id, kind=entered.kind, subject=entered.subject)
        moved = case.accountable_id != accountable_id
        fact = events.corrected(case, entered, before.customer_id, now, accountable_changed=moved)
        await audit.enter(transaction, self.by, WHAT, case.id)
        facts = [*party.facts, fact]
        changes = {**before.changes_to(entered), **(party.changes or {})}
        movement = Movement(case, CORRECTED, Said(correction.reason, None, self.by), now, facts, changes=changes)
        case = await history.keep(transaction, context, movement)
        if against is not None:
            case = await hand_on(transaction, context, case)
        await _reach(transaction, context, case, before, entered)
        return Corrected(case, entered.tracking_generation)


async def _checked(context: Context, correction: Correction) -> Rulebook:
    """The rulebook, where what is said to be right is known."""
    rulebook = await read_rulebook(context)
    if correction.subject is not None:
        rulebook.check_subject(correction.subject)
    if correction.against is not None and correction.against.id is not None:
        await check_against(context, correction.against.type, correction.against.id)
    return rulebook


async def _reach(transaction: Connection, context: Context, case: Case, before: Entered, entered: Entered) -> None:
    """Whom a held case reaches from now on is told that they were heard, by a link of their own."""
    if entered.tracking_generation != before.tracking_generation:
        await letters.plan_anew(transaction, context, case, entered.tracking_generation)


@dataclass(frozen=True, slots=True)
class _Party:
    """A case that is against somebody else, with what that brings about."""

    case: Case
    facts: Sequence[CaseFact] = ()
    changes: Mapping[str, Mapping[str, Scalar]] | None = None


async def _against(
    transaction: Connection, case: Case, entered: Entered, answers_id: UUID | None, now: datetime
) -> _Party:
    """Who is accountable follows whom it is against; a notice to anybody else is withdrawn.

    What was due before is told in the line of before, what comes in that of whom it is against; of whom nobody is, in
    the handler's, until there is a notice (decision 17).
    """
    before = case.accountable_id
    to_id = await store.accountable_for(transaction, entered.against_type, entered.against_id, answers_id)
    case = case._replace(accountable_id=to_id)
    notice = await notices.standing(transaction, case.id)
    if notice is None or notice.to_id == to_id:
        return _Party(case, changes=changed(accountable_id=(before, to_id)))
    await notices.supersede(transaction, case.id, now)
    changes = changed(accountable_id=(before, to_id), notice=(notice.number, None))
    if to_id is None:
        case = case._replace(noticed_at=None)
    return _Party(case, [withdrawn(case, notice, now)], changes)
