"""Giving something, approving what is more than the giver may settle, and taking it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.complaints.cases.domain import Case, CaseState, Said, TextMissing
from services.complaints.cases.queries import require_seen
from services.complaints.cases.store.holding import lock
from services.complaints.compensations import events, store
from services.complaints.compensations.domain import (
    Compensation,
    CompensationNotFound,
    CompensationState,
    NewCompensation,
    check_may_decide,
    check_not_own,
)
from services.complaints.compensations.events import told
from services.complaints.compensations.handlers.authorities import asked, check_may_ask, limits_at, settler
from services.complaints.context import Context
from services.complaints.history import handlers as history
from services.complaints.history.domain import Scalar
from services.complaints.history.handlers import Movement
from shared import audit
from shared.auth.principal import Principal
from shared.auth.visibility import viewer
from shared.contracts.base import CaseFact
from shared.contracts.settlements import CompensationGranted, CompensationWithdrawn
from shared.db import Connection
from shared.errors import Forbidden
from shared.ids import new_id
from shared.months import Month

MAY_TAKE_BACK = ("cs_manager", "admin_dept", "general_manager")
"""Who takes back what was given, beside who asked for it and who granted it."""


@dataclass(frozen=True, slots=True)
class _Change:
    """What became of a compensation: how it stood (None: it was not there), how it stands, and what was said."""

    before: CompensationState | None
    after: Compensation
    said: Said
    at: datetime


async def give(context: Context, id_: UUID, new: NewCompensation, caller: Principal) -> Compensation:
    """Grants it within the caller's limit, else asks the first in their line who may; the clock runs on.

    Raises ComplaintNotFound, Forbidden, WrongState.
    """
    await require_seen(context, id_, viewer=viewer(caller))
    async with context.database.transaction() as transaction:
        case = await lock(transaction, id_)
        await check_may_ask(transaction, case, caller)
        case.require(CaseState.OPEN, CaseState.ANSWERED, CaseState.RESOLVED)
        moment = max(context.clock.now(), case.moved_at)
        month = Month.of(moment, context.zone).ordinal
        limits = await limits_at(transaction, moment)
        able = await settler(transaction, case, caller, limits, month)
        wanted = _wanted(case, new, caller.id, moment, limits.version)
        if able.covers(new.cost):
            given = wanted.granted(caller.id, moment, month)
        else:
            by = await asked(transaction, case, caller.id, new.cost, limits, month)
            given = wanted.asking(by)
        await _keep(transaction, context, case, _Change(None, given, Said(new.text, None, caller.id), moment))
        await store.add(transaction, given)
    return given


async def decide(
    context: Context, id_: UUID, compensation_id: UUID, *, approve: bool, reason: str | None, caller: Principal
) -> Compensation:
    """Approves or refuses what awaits it: by somebody else than who asked, who is asked or whose own limit suffices.

    Where the limit of who is asked does not suffice any longer, approving hands it up: the next in the line of who
    asked hears of it. To refuse, who is asked needs no limit.

    Raises ComplaintNotFound, CompensationNotFound, OwnCompensation, CompensationDecided, AboveLimit, TextMissing,
    WrongState.
    """
    if not approve and reason is None:
        raise TextMissing("say why it is refused", pointer="#/reason")
    await require_seen(context, id_, viewer=viewer(caller))
    async with context.database.transaction() as transaction:
        case, before = await _held(transaction, id_, compensation_id)
        check_not_own(before, caller.id)
        before.require(CompensationState.AWAITS_APPROVAL)
        case.require(CaseState.OPEN, CaseState.ANSWERED, CaseState.RESOLVED)
        moment = max(context.clock.now(), case.moved_at)
        month = Month.of(moment, context.zone).ordinal
        limits = await limits_at(transaction, moment)
        able = await settler(transaction, case, caller, limits, month)
        check_may_decide(before, able)
        if not approve:
            after = before.ended(CompensationState.REFUSED, caller.id, moment)
        elif able.covers(before.cost):
            after = before.decided(caller.id, moment).granted(caller.id, moment, month)
        else:
            after = before.asking(await asked(transaction, case, before.asked_by, before.cost, limits, month))
            await store.ask(transaction, after)
        await store.save(transaction, after)
        change = _Change(before.state, after, Said(reason, None, caller.id), moment)
        await _keep(transaction, context, case, change, before.handed_up(after))
    return after


async def withdraw(context: Context, id_: UUID, compensation_id: UUID, reason: str, caller: Principal) -> Compensation:
    """Takes back what was entered wrongly or is not given after all: it counts on no limit any longer, and stays to be
    seen. Who did it stands in the audit (decision 21).

    Raises ComplaintNotFound, CompensationNotFound, CompensationDecided, Forbidden.
    """
    await require_seen(context, id_, viewer=viewer(caller))
    async with context.database.transaction() as transaction:
        case, before = await _held(transaction, id_, compensation_id)
        if caller.id not in (before.asked_by, before.granted_by) and not caller.has(*MAY_TAKE_BACK):
            raise Forbidden("it is taken back by who gave it, or by: " + ", ".join(MAY_TAKE_BACK))
        before.require(CompensationState.GRANTED, CompensationState.AWAITS_APPROVAL)
        moment = max(context.clock.now(), case.moved_at)
        after = before.ended(CompensationState.WITHDRAWN, caller.id, moment)
        await store.save(transaction, after)
        await audit.enter(transaction, caller.id, "compensation.withdrawn", compensation_id)
        await _keep(transaction, context, case, _Change(before.state, after, Said(reason, None, caller.id), moment))
    return after


async def _held(transaction: Connection, id_: UUID, compensation_id: UUID) -> tuple[Case, Compensation]:
    case = await lock(transaction, id_)
    found = await store.lock(transaction, id_, compensation_id)
    if found is None:
        raise CompensationNotFound("this case has no compensation with this id")
    return case, found


def _wanted(case: Case, new: NewCompensation, by: UUID, at: datetime, policy_version: int) -> Compensation:
    """What somebody wants to give, before anybody has granted it."""
    return Compensation(
        id=new_id(),
        complaint_id=case.id,
        round=case.round,
        kind=new.kind,
        cost=new.cost,
        state=CompensationState.AWAITS_APPROVAL,
        asked_by=by,
        asked_at=at,
        policy_version=policy_version,
        by_role=None,
        by_ids=None,
        granted_by=None,
        granted_at=None,
        month=None,
        decided_by=None,
        decided_at=None,
        entry_id=new_id(),
    )


async def _keep(
    transaction: Connection,
    context: Context,
    case: Case,
    change: _Change,
    handed_up: Mapping[str, Mapping[str, Scalar]] | None = None,
) -> None:
    """Writes what became of it into the case's history, and tells of it; `handed_up` is said where it goes on to wait,
    for somebody else's word."""
    before, after, said, at = change.before, change.after, change.said, change.at
    what = f"compensation:{after.state.value}"
    entry_id = after.entry_id if before is None else new_id()
    facts: list[CaseFact] = []
    if after.state is CompensationState.GRANTED:
        facts = [told(CompensationGranted, case, after, at)]
    elif before is CompensationState.GRANTED:
        facts = [told(CompensationWithdrawn, case, after, at)]
    if before is CompensationState.AWAITS_APPROVAL:
        facts.append(events.no_longer_asked(case, after, at))
    if after.state is CompensationState.AWAITS_APPROVAL:
        facts.append(events.asked(case, after, at))
    changes: Mapping[str, Mapping[str, Scalar]] | None = after.changes(before)
    if before is after.state:
        what, changes = "compensation:handed_up", handed_up
    movement = Movement(case, what, said, at, facts, changes=changes, entry_id=entry_id)
    await history.keep(transaction, context, movement)
