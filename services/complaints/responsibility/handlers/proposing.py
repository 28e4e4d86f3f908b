"""Penalties that rules propose, and what is withdrawn because it holds no longer."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final, TypeAlias
from uuid import UUID

from services.complaints.context import Context
from services.complaints.response_clocks.store import Concern, lines_of
from services.complaints.responsibility.domain import penalties as domain
from services.complaints.responsibility.domain.penalties import Basis, Payer, Penalty, Proposal, Terms, Withdrawal
from services.complaints.responsibility.domain.policies import CaseRule, policy_at
from services.complaints.responsibility.handlers.keeping import keep
from services.complaints.responsibility.handlers.sharing import forget_shares
from services.complaints.responsibility.store import penalties as store
from services.complaints.responsibility.store import policies
from shared import directory
from shared.bus.event import Event
from shared.contracts.complaints import (
    ClockKind,
    ComplaintClockMissed,
    ComplaintCorrected,
    ComplaintJudged,
    ComplaintNoticed,
    ComplaintOverdue,
    ComplaintSatisfactionGiven,
)
from shared.db import Connection
from shared.ids import new_id

RULES_OF_CLOCKS: Final[Mapping[ClockKind, CaseRule]] = {"accept": "not_accepted", "execute": "not_executed"}
"""What it costs to miss these clocks; no rule says so of the others."""
Told: TypeAlias = Mapping[tuple[UUID, int], UUID | None]
"""By case and round: who was told of a missing answer."""
MANAGER: Final = "cs_manager"
"""Who answers for what was not accepted and not followed: whoever it was when the clock was missed."""


async def propose(transaction: Connection, context: Context, proposals: Sequence[Proposal]) -> None:
    """Proposes a penalty for each broken rule: once for a case, round and rule, whatever is called how often.

    Who pays follows from the rule (examples 6): an unanswered case whom its breach told first, what the manager answers
    for the customer-service manager, all else whom the case is against. Holds the cases. Nothing is proposed for what
    lies before a takeover, nor for a case that is not here.
    """
    bases = await store.hold_bases(transaction, {each.complaint_id for each in proposals})
    due = [each for each in proposals if each.complaint_id in bases and _costs(bases[each.complaint_id], each)]
    if not due:
        return
    terms = Terms(await policies.every(transaction), context.zone, context.clock.now())
    payers = await _payers(transaction, due, bases)

    def with_proposals(id_: UUID, standing: list[Penalty]) -> list[Penalty]:
        for each, payer in zip(due, payers, strict=True):
            if each.complaint_id == id_:
                policy = policy_at(terms.policies, each.at)
                standing = domain.with_proposal(standing, domain.proposed(new_id(), each, payer, policy, terms))
        return standing

    await _change(transaction, context, {each.complaint_id for each in due}, with_proposals)


def _costs(basis: Basis, proposal: Proposal) -> bool:
    return not basis.silent(proposal.at) and not basis.excuses(proposal.rule)


async def withdraw(transaction: Connection, context: Context, withdrawals: Sequence[Withdrawal]) -> None:
    """Withdraws proposals that hold no longer, with the reason, and reverses what was decided; what else is proposed of
    the case fills its bound."""
    now = context.clock.now()
    ids = set(await store.hold_bases(transaction, {each.complaint_id for each in withdrawals}))

    def without(id_: UUID, standing: list[Penalty]) -> list[Penalty]:
        for each in withdrawals:
            if each.complaint_id == id_:
                standing = domain.without(standing, each, now)
        return standing

    await _change(transaction, context, ids, without)


async def _change(
    transaction: Connection,
    context: Context,
    ids: set[UUID],
    change: Callable[[UUID, list[Penalty]], list[Penalty]],
) -> None:
    """Changes the penalties of held cases, bounds them, and keeps what has become different.

    The penalties are held before they are read: the timer that books holds them and not their cases.
    """
    standing = await store.hold_cases(transaction, ids)
    different: list[Penalty] = []
    for id_ in sorted(ids):
        different += domain.changed(standing[id_], domain.bounded(change(id_, standing[id_])))
    await keep(transaction, context, different)


async def _payers(
    transaction: Connection, proposals: Sequence[Proposal], bases: dict[UUID, Basis]
) -> list[Payer | None]:
    """Who pays each of them; None where nobody answers for it yet."""
    rules = {each.rule for each in proposals}
    told = await store.told_first(transaction, bases) if "unanswered" in rules else {}
    managers = await _managers(transaction, bases) if rules & {*domain.PAID_BY_THE_MANAGER} else {}

    then = await directory.staff(transaction, [each.told_id for each in proposals if each.told_id is not None])

    def person(each: Proposal) -> UUID | None:
        if each.rule in domain.PAID_BY_THE_MANAGER:
            heard = then.get(each.told_id) if each.told_id is not None else None
            if heard is not None and heard.role == MANAGER:
                return heard.id
            return managers.get(each.complaint_id)
        if each.rule == "unanswered":
            return told.get((each.complaint_id, each.round))
        return bases[each.complaint_id].accountable_id

    persons = [person(each) for each in proposals]
    payers = await _as_payers(transaction, persons)
    return [payers[each] if each is not None else None for each in persons]


async def _managers(transaction: Connection, bases: Mapping[UUID, Basis]) -> dict[UUID, UUID]:
    """The customer-service manager of each case: whom the customer's team names, else the directory's first."""
    lines = await lines_of(transaction, (Concern(None, basis.customer_id) for basis in bases.values()))
    first = {concern.customer_id: line[0].staff_id for concern, line in lines.items() if line and line[0].level == 1}
    return {id_: first[basis.customer_id] for id_, basis in bases.items() if basis.customer_id in first}


async def _as_payers(transaction: Connection, persons: Iterable[UUID | None]) -> dict[UUID, Payer]:
    named = {each for each in persons if each is not None}
    listed = await directory.staff(transaction, list(named))
    return {each: Payer(each, listed[each].department_id if each in listed else None) for each in named}


async def on_complaint_corrected(context: Context, transaction: Connection, events_: Sequence[Event]) -> None:
    """A case that was against somebody else by mistake costs them nothing: what is proposed is whom it is against, what
    was decided is reversed and proposed anew, and the shares that were set are so no longer (examples 5)."""
    facts = [event.read(ComplaintCorrected) for event in events_]
    bases = await store.hold_bases(transaction, {fact.complaint_id for fact in facts})
    moved = {f.complaint_id: f.at for f in facts if f.accountable_changed and f.complaint_id in bases}
    await forget_shares(transaction, context, moved)
    told = await store.told_by_right(transaction, moved) if moved else {}
    mistaken = await _reverse_of_others(transaction, context, {id_: bases[id_] for id_ in moved}, told)
    await _name_payers(transaction, context, bases, anew=True, mistaken=mistaken)
    await _name_told(transaction, context, told)


async def _name_told(transaction: Connection, context: Context, told: Told) -> None:
    """Proposals for missing answers of held cases go to whom these were told by right."""
    payers = await _as_payers(transaction, told.values())  # nobody where nobody handled it

    def named(id_: UUID, standing: list[Penalty]) -> list[Penalty]:
        rightly = {n: payers[by] if by is not None else None for (case, n), by in told.items() if case == id_}
        return domain.told_anew(standing, rightly)

    await _change(transaction, context, {id_ for id_, _ in told}, named)


async def _reverse_of_others(
    transaction: Connection, context: Context, bases: Mapping[UUID, Basis], told: Told
) -> set[UUID]:
    """Reverses what was decided against people whom held cases are against no longer; returns which penalties."""
    now = context.clock.now()
    mistaken: set[UUID] = set()

    def without(id_: UUID, standing: list[Penalty]) -> list[Penalty]:
        right = {round_: by for (case, round_), by in told.items() if case == id_}
        costing = [each for each in standing if bases[id_].counts or each.rule != "other"]
        mistaken.update(each.id for each in costing if domain.of_another(each, bases[id_].accountable_id, right))
        return [domain.taken_back(each, "not_applicable", now) if each.id in mistaken else each for each in standing]

    await _change(transaction, context, set(bases), without)
    return mistaken


async def on_complaint_judged(context: Context, transaction: Connection, events_: Sequence[Event]) -> None:
    """Judged not valid or malicious, a case costs nobody anything for another violation; repeats are counted anew."""
    bases = await store.hold_bases(transaction, {event.read(ComplaintJudged).complaint_id for event in events_})
    now = context.clock.now()

    def without(_: UUID, standing: list[Penalty]) -> list[Penalty]:
        return [domain.taken_back(each, "not_counted", now) if each.rule == "other" else each for each in standing]

    await _change(transaction, context, {id_ for id_, basis in bases.items() if not basis.counts}, without)


async def on_complaint_noticed(context: Context, transaction: Connection, events_: Sequence[Event]) -> None:
    """What was proposed while nobody was accountable is whom the notice names."""
    ids = {event.read(ComplaintNoticed).complaint_id for event in events_}
    await _name_payers(transaction, context, await store.hold_bases(transaction, ids), anew=False)


async def _name_payers(
    transaction: Connection,
    context: Context,
    bases: Mapping[UUID, Basis],
    *,
    anew: bool,
    mistaken: Collection[UUID] = (),
) -> None:
    now = context.clock.now()
    payers = await _as_payers(transaction, (basis.accountable_id for basis in bases.values()))

    def named(id_: UUID, standing: list[Penalty]) -> list[Penalty]:
        accountable_id = bases[id_].accountable_id
        payer = payers[accountable_id] if accountable_id is not None else None
        again = [domain.proposed_again(each, now) if each.id in mistaken else each for each in standing]
        return domain.paid_by(again, payer, anew=anew)

    await _change(transaction, context, set(bases), named)


async def on_complaint_overdue(context: Context, transaction: Connection, events_: Sequence[Event]) -> None:
    """No answer in time is proposed against whom the breach told first."""
    facts = [event.read(ComplaintOverdue) for event in await not_past(transaction, events_)]
    await propose(transaction, context, [Proposal(f.complaint_id, f.round, "unanswered", f.at) for f in facts])


async def on_satisfaction_given(context: Context, transaction: Connection, events_: Sequence[Event]) -> None:
    """A result below expectation is proposed against whom the case is against."""
    facts = [event.read(ComplaintSatisfactionGiven) for event in await not_past(transaction, events_)]
    found = [
        Proposal(fact.complaint_id, fact.round, "dissatisfied", fact.at)
        for fact in facts
        if fact.perceived < fact.expected
    ]
    await propose(transaction, context, found)


async def on_complaint_clock_missed(context: Context, transaction: Connection, events_: Sequence[Event]) -> None:
    """A case that nobody took in time, and a solution that was not executed in time, are proposed (domain 3.4)."""
    facts = [event.read(ComplaintClockMissed) for event in await not_past(transaction, events_)]
    found = [
        Proposal(fact.complaint_id, fact.round, RULES_OF_CLOCKS[fact.clock], fact.at, fact.staff_id)
        for fact in facts
        if fact.clock in RULES_OF_CLOCKS
    ]
    await propose(transaction, context, found)


async def not_past(transaction: Connection, events_: Sequence[Event]) -> list[Event]:
    """Without history, and without what was told before rules proposed anything: a log is read from its beginning."""
    since = await store.since(transaction)
    return [event for event in events_ if event.id > since and not event.historical]
