"""Deciding penalties, one by one or many at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.complaints.context import Context
from services.complaints.responsibility.domain import deciding as domain
from services.complaints.responsibility.domain import penalties as rules
from services.complaints.responsibility.domain.bench import Bench
from services.complaints.responsibility.domain.deciding import (
    Decision,
    Outcome,
    PenaltyNotFound,
    PenaltyWithoutPayer,
)
from services.complaints.responsibility.domain.missed_service import RULES, without_the_miss
from services.complaints.responsibility.domain.penalties import Penalty, PenaltyState
from services.complaints.responsibility.domain.policies import policy_at
from services.complaints.responsibility.domain.sharing import Sharing
from services.complaints.responsibility.handlers import booking
from services.complaints.responsibility.handlers.keeping import keep
from services.complaints.responsibility.handlers.sharing import sharing_of
from services.complaints.responsibility.store import bench
from services.complaints.responsibility.store import penalties as store
from shared.auth.principal import Principal
from shared.db import Connection
from shared.errors import DomainError


@dataclass(frozen=True, slots=True)
class Hearing:
    """The penalties of a request as they stand in it, with all others of their cases and tasks, and who pays them;
    `made` are the decisions that hold."""

    before: Mapping[UUID, Penalty]
    penalties: dict[UUID, Penalty]
    by_basis: Mapping[UUID, Sequence[UUID]]
    sharing: Sharing
    bench: Bench
    caller: Principal
    now: datetime
    made: dict[UUID, Decision]

    def of_case(self, penalty: Penalty) -> list[Penalty]:
        """Every penalty of its case as it stands; none of what rests on a task."""
        return [self.penalties[id_] for id_ in self.others(penalty.complaint_id)]

    def others(self, basis: UUID | None) -> Sequence[UUID]:
        """The penalties that rest on a case, or on a task."""
        return self.by_basis.get(basis, ()) if basis is not None else ()


async def decide(context: Context, id_: UUID, decision: Decision, caller: Principal) -> None:
    """Decides or waives a penalty, or its appeal.

    Raises PenaltyNotFound, OwnPenalty, Forbidden, SameDecider, PenaltyNotOpen, PenaltyWithoutPayer, PayerStands,
    UnknownStaff, PenaltyOutOfBounds.
    """
    async with context.database.transaction() as transaction:
        hearing = await _opened(transaction, context, [(id_, decision)], caller)
        _settle(context, hearing, id_, decision)
        await _closed(transaction, context, hearing)


async def decide_many(context: Context, decisions: Sequence[tuple[UUID, Decision]], caller: Principal) -> list[Outcome]:
    """Decides many in one transaction, each by itself: one that is refused holds up no other."""
    async with context.database.transaction() as transaction:
        hearing = await _opened(transaction, context, decisions, caller)
        outcomes = [Outcome(id_, _refusal(context, hearing, id_, decision)) for id_, decision in decisions]
        await _closed(transaction, context, hearing)
    return outcomes


async def _opened(
    transaction: Connection, context: Context, decisions: Sequence[tuple[UUID, Decision]], caller: Principal
) -> Hearing:
    before = await hold(transaction, {id_ for id_, _ in decisions})
    named = {each.payer_id for _, each in decisions if each.payer_id is not None}
    sharing = await sharing_of(transaction, before.values(), named)
    by_basis, now = _by_basis(before.values()), context.clock.now()
    return Hearing(before, dict(before), by_basis, sharing, await bench.read(transaction), caller, now, {})


async def _closed(transaction: Connection, context: Context, hearing: Hearing) -> None:
    """Keeps what was decided. What it leaves of a case's bound, other proposals fill (decision 22a); where a miss is
    waived, that it was not made good costs nothing either; what was decided on appeal is booked at once."""
    made = [hearing.penalties[id_] for id_ in hearing.made]
    for case_id in {each.complaint_id for each in made}:
        for each in rules.bounded(hearing.penalties[other] for other in hearing.others(case_id)):
            hearing.penalties[each.id] = each
    _take_back_with_misses(hearing, made)
    changed = rules.changed(hearing.before.values(), hearing.penalties.values())
    await keep(transaction, context, changed, hearing.made, by=hearing.caller.id, sharing=hearing.sharing)
    final = [each for each in changed if each.on_appeal and each.state is PenaltyState.DECIDED]
    await booking.book(transaction, context, final)


def _take_back_with_misses(hearing: Hearing, made: Sequence[Penalty]) -> None:
    """Where a miss is waived, takes back what was asked because it was not made good: as it stood before the request,
    be that decided in it, too."""
    waived = {each.task_id for each in made if each.state is PenaltyState.WAIVED and each.rule in RULES.values()}
    for of_task in (hearing.others(task_id) for task_id in waived):
        asked = [id_ for id_ in of_task if hearing.penalties[id_].state is not PenaltyState.WAIVED]
        for each in without_the_miss([hearing.before[id_] for id_ in asked], hearing.now):
            hearing.penalties[each.id] = each
            hearing.made.pop(each.id, None)


async def hold(transaction: Connection, ids: Collection[UUID]) -> dict[UUID, Penalty]:
    """These penalties and all others of their cases and tasks, held with the cases until the transaction ends."""
    cases, tasks = await store.bases_of(transaction, ids)
    await store.hold_bases(transaction, cases)
    return {penalty.id: penalty for penalty in await store.hold(transaction, ids, cases, tasks)}


def _by_basis(penalties: Collection[Penalty]) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = {}
    for each in penalties:
        if (basis := each.complaint_id or each.task_id) is not None:
            found.setdefault(basis, []).append(each.id)
    return found


def _refusal(context: Context, hearing: Hearing, id_: UUID, decision: Decision) -> DomainError | None:
    """What refuses a decision; None when it holds."""
    try:
        _settle(context, hearing, id_, decision)
    except DomainError as refusal:
        return refusal
    return None


def _settle(context: Context, hearing: Hearing, id_: UUID, decision: Decision) -> None:
    """Puts a decision into effect in the hearing."""
    penalty = hearing.penalties.get(id_)
    if penalty is None:
        raise PenaltyNotFound("no penalty has this id")
    hearing.penalties[id_] = _after(context, hearing, penalty, decision)
    hearing.made[id_] = decision


def _after(context: Context, hearing: Hearing, penalty: Penalty, decision: Decision) -> Penalty:
    if decision.payer_id is not None:
        penalty = domain.paid_by(penalty, decision.payer_id, hearing.sharing.payers(penalty), hearing.sharing.people)
    payers = hearing.sharing.payers(penalty)
    domain.check_decider(penalty, hearing.caller, payers, hearing.sharing.roles(penalty), hearing.bench)
    domain.check_open(penalty)
    if decision.amount is None:
        return domain.waived(penalty, hearing.caller.id, hearing.now)
    if not payers:
        raise PenaltyWithoutPayer("name who pays as `payer_id`, or by a notice or the shares of its case; or waive it")
    domain.check_amount(penalty, decision.amount, hearing.of_case(penalty))
    days = policy_at(hearing.sharing.policies, hearing.now).appeal_days
    until = domain.appeal_until(hearing.now, days, context.zone)
    return domain.decided(penalty, decision.amount, hearing.caller.id, hearing.now, until)
