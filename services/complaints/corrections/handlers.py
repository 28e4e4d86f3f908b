"""Putting right what was entered wrongly: audited, told, and everything that hangs on it follows (decision 21)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.complaints.assignment.handlers.offering import hand_on
from services.complaints.cases.domain import Case, CaseState, Said
from services.complaints.cases.store.holding import lock
from services.complaints.context import Context
from services.complaints.corrections import events, store
from services.complaints.corrections.domain import CORRECTED, WHAT, Correction, Entered
from services.complaints.customers import store as customers
from services.complaints.history import handlers as history
from services.complaints.history.domain import Scalar, changed
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

    Raises ComplaintNotFound, NothingToCorrect, UnknownCustomer, UnknownSubject, UnknownStaff, UnknownDepartment,
    UnknownAgainst, NobodyComplains.
    """
    against = correction.against
    rulebook = await _checked(context, correction)
    async with context.database.transaction() as transaction:
        tier = None
        if correction.customer_id is not None:
            if await customers.known(transaction, correction.customer_id) is None:
                raise UnknownCustomer("no customer with this id has been heard of", pointer="#/customer_id")
            tier = await customers.present_tier(transaction, correction.customer_id)
        now = context.clock.now()
        case = await lock(transaction, id_)
        if against is not None or correction.customer_id is not None:  # whose team is asked, may be told otherwise
            case = await catch_up(transaction, case, now)
        before = await store.read(transaction, context.words, id_)
        entered = before.corrected(correction)
        await store.correct(transaction, context.words, id_, entered)
        accountable_id = case.accountable_id
        party = _Party(case)
        if against is not None:
            answers_id = rulebook.products.of(against.name) if against.type == "product" else None
            party = await _against(transaction, case, entered, answers_id, now)
        case = party.case
        if correction.customer_id is not None and case.state is CaseState.OPEN:
            case = case._replace(tier=tier)
        case = case._replace(customer_id=entered.customer_id, kind=entered.kind, subject=entered.subject)
        moved = case.accountable_id != accountable_id
        fact = events.corrected(case, entered, before.customer_id, now, accountable_changed=moved)
        await audit.enter(transaction, by, WHAT, id_)
        facts = [*party.facts, fact]
        changes = {**before.changes_to(entered), **(party.changes or {})}
        movement = Movement(case, CORRECTED, Said(correction.reason, None, by), now, facts, changes=changes)
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
