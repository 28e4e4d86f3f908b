"""Schemes of departments, and the penalties that people enter by them."""

from uuid import UUID

from services.complaints.context import Context
from services.complaints.responsibility.domain import deciding as decisions
from services.complaints.responsibility.domain import schemes as domain
from services.complaints.responsibility.domain.deciding import (
    Decision,
    Entry,
    PenaltyNotFound,
    PenaltyNotOpen,
)
from services.complaints.responsibility.domain.penalties import (
    Payer,
    Penalty,
    PenaltyState,
    Terms,
    bounded,
    changed,
    taken_back,
)
from services.complaints.responsibility.domain.schemes import (
    DepartmentScheme,
    NewScheme,
    NewViolation,
    UnknownViolation,
)
from services.complaints.responsibility.handlers.deciding import hold
from services.complaints.responsibility.handlers.keeping import keep
from services.complaints.responsibility.handlers.sharing import sharing_of
from services.complaints.responsibility.store import bench, entries, policies, schemes
from services.complaints.scheme import handlers as parts
from shared import audit, directory
from shared.auth.principal import ADMINISTRATION, Principal
from shared.db import Connection
from shared.errors import Forbidden
from shared.ids import new_id
from shared.references import UnknownDepartment, UnknownStaff


async def write(context: Context, new: NewScheme, caller: Principal) -> DepartmentScheme:
    """Adds a version of a department's scheme; penalties that were entered by an earlier one keep their amount.

    Raises UnknownDepartment, Forbidden, SchemeRefused.
    """
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        if not await directory.has_department(transaction, new.department_id):
            raise UnknownDepartment("the directory lists no such department", pointer="#/department_id")
        await _check_may(transaction, new.department_id, caller)
        starts_at = new.checked(now)
        await schemes.hold(transaction)
        before = await schemes.of_department(transaction, new.department_id)
        version = before[0].version + 1 if before else 1
        scheme = DepartmentScheme(new.department_id, version, new_id(), new.violations, starts_at)
        await schemes.add(transaction, scheme, now, caller.id)
        await parts.announce(transaction)
        await audit.enter(transaction, caller.id, "department_scheme.versioned", scheme.id)
    return scheme


async def propose(context: Context, new: NewViolation, caller: Principal) -> Penalty:
    """Proposes a penalty by the scheme of the person's department; it is decided and appealed like any other.

    Raises UnknownStaff, UnknownViolation, Forbidden, ViolationAhead.
    """
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        member = (await directory.staff(transaction, [new.person_id])).get(new.person_id)
        if member is None or not member.active:
            raise UnknownStaff("name somebody who is at work", pointer="#/person_id")
        if member.department_id is None:
            raise UnknownViolation("this person belongs to no department", pointer="#/person_id")
        await _check_may(transaction, member.department_id, caller)
        known = await schemes.of_department(transaction, member.department_id)
        named = domain.violation_at(known, new.code, new.at)
        terms = Terms(await policies.every(transaction), context.zone, now)
        payer = Payer(member.id, member.department_id)
        [penalty] = changed([], [domain.proposed(new_id(), payer, named, new.at, terms)])
        await keep(transaction, context, [penalty])
        happened = Entry(new_id(), penalty.id, "proposed", now, caller.id, penalty.amount, new.reason)
        await entries.add(transaction, context.words, [happened])
    return penalty


async def withdraw(context: Context, id_: UUID, reason: str, caller: Principal) -> None:
    """Takes back a penalty that somebody entered by mistake: withdrawn while it is proposed, then reversed, with what
    was booked of it; what else is proposed of its case fills the bound. Who did it stands in the audit (decision 21).

    Raises PenaltyNotFound, PenaltyByRule, OwnPenalty, Forbidden, SameDecider, PenaltyNotOpen.
    """
    async with context.database.transaction() as transaction:
        before = await hold(transaction, [id_])
        penalty = before.get(id_)
        if penalty is None:
            raise PenaltyNotFound("no penalty has this id")
        domain.check_by_hand(penalty)
        await _check_may_withdraw(transaction, penalty, caller)
        if not domain.stands(penalty):
            raise PenaltyNotOpen(f"it is {penalty.state.value}")
        gone = taken_back(penalty, "entered_wrongly", context.clock.now())
        after = [gone if each.id == id_ else each for each in before.values()]
        if penalty.complaint_id is not None:
            after = bounded(after)
        await keep(transaction, context, changed(before.values(), after), {id_: Decision(None, reason)}, by=caller.id)
        await audit.enter(transaction, caller.id, "penalty.withdrawn", id_)


async def _check_may_withdraw(transaction: Connection, penalty: Penalty, caller: Principal) -> None:
    """The department's manager takes back what is only proposed; all else whoever may decide it."""
    manager = await schemes.manager_of(transaction, penalty.fund_id) if penalty.fund_id is not None else None
    if penalty.state is PenaltyState.PROPOSED and caller.id == manager != penalty.person_id:
        return
    sharing = await sharing_of(transaction, [penalty])
    payers, roles = sharing.payers(penalty), sharing.roles(penalty)
    decisions.check_decider(penalty, caller, payers, roles, await bench.read(transaction))


async def _check_may(transaction: Connection, department_id: UUID, caller: Principal) -> None:
    if not caller.has(ADMINISTRATION) and caller.id != await schemes.manager_of(transaction, department_id):
        raise Forbidden("a department's scheme is its manager's, and administration's")
