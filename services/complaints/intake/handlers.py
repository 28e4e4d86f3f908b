"""Recording a case."""

from functools import partial
from typing import Final
from uuid import UUID

import orjson

from services.complaints.adverse_reactions.queries import check_symptoms
from services.complaints.cases.store import details
from services.complaints.context import Context
from services.complaints.customers import store as customers
from services.complaints.customers.domain import RANKS
from services.complaints.customers.queries import on_team
from services.complaints.intake import store
from services.complaints.intake.domain import NAMED, NewCase, Opened, UnknownAgainst, number_day
from services.complaints.intake.events import opened_fact
from services.complaints.intake.store import ClockStart, Recording
from services.complaints.response_clocks.domain.clock import next_moment
from services.complaints.rulebook.domain.calendar import Calendar
from services.complaints.rulebook.domain.policies import ClockPolicy
from services.complaints.rulebook.domain.rulebook import Rulebook
from services.complaints.rulebook.queries import read_rulebook, rulebook_in
from shared import directory
from shared.db import Connection
from shared.errors import Busy
from shared.idempotency import IdempotencyKey, stored_resource
from shared.ids import new_id
from shared.references import UnknownCustomer, UnknownDepartment, UnknownStaff
from shared.telemetry import current_traceparent

REVISIONS: Final = 5
"""How often a case is tried again because the rulebook has just changed."""
_AGAINST_ID: Final = "#/against/id"


async def record_case(
    context: Context, case: NewCase, key: IdempotencyKey | None, *, viewer: UUID | None
) -> tuple[Opened, bool]:
    """Records a case with its clock and its event, in one statement; True beside it when a key repeats an earlier one.

    A customer not heard of yet is waited for (decision 4); one whom the viewer does not see is as if not heard of.
    Raises ReplyNotPossible, UnknownCustomer, UnknownStaff, UnknownDepartment, UnknownAgainst,
    UnknownSymptom.
    """
    case.check_complainant()
    case.check_reply()
    if viewer is not None and case.customer_id is not None:
        await _await_seen(context, case.customer_id, viewer)
    if case.against_id is not None:
        await check_against(context, case.against_type, case.against_id)
    if case.details.symptoms:
        await check_symptoms(context.database, case.details.symptoms)
    for _ in range(REVISIONS):
        rulebook = await _rulebook(context, case.subject)
        recording = _recording(context, case, rulebook, key)
        opened = await context.group_commit.write(store.record, rulebook.revision, recording)
        if opened is not None:
            return opened, False
        if key is not None and (earlier := await _earlier(context, key)):
            return earlier, True
        await _await_customer(context, case)
        context.cache.forget(read_rulebook)
    raise Busy("clock policies are being changed; try again in a moment")


async def record_within(transaction: Connection, context: Context, case: NewCase) -> Opened:
    """Records a case as part of another use case, by the rulebook of its transaction; its customer is known.

    Raises Busy where the rulebook is being changed at this moment.
    """
    rulebook = await rulebook_in(transaction)
    [opened] = await store.record(transaction, rulebook.revision, [_recording(context, case, rulebook, None)])
    if opened is None:
        raise Busy("clock policies are being changed; try again in a moment")
    return opened


async def check_subject(context: Context, subject: str) -> None:
    """Raises UnknownSubject for one that is not in the table or no longer in use."""
    await _rulebook(context, subject)


async def check_customer(context: Context, customer_id: UUID, *, viewer: UUID | None) -> None:
    """A customer not heard of yet is waited for; one whom the viewer does not see is as if not heard of.

    Raises UnknownCustomer.
    """
    if viewer is not None:
        await _await_seen(context, customer_id, viewer)
    await _await_known(context, customer_id)


async def _rulebook(context: Context, subject: str) -> Rulebook:
    """This process's copy; read anew when there is none, or when it lacks the subject, which may be a new one."""
    rulebook = await context.cache.get(read_rulebook, context, serves=lambda kept: kept.knows(subject))
    rulebook.check_subject(subject)
    return rulebook


async def _earlier(context: Context, key: IdempotencyKey) -> Opened | None:
    async with context.database.connection() as reader:
        id_ = await stored_resource(reader, key)
        return await store.first_answer(reader, id_) if id_ is not None else None


async def _await_seen(context: Context, customer_id: UUID, viewer: UUID) -> None:
    """Waits as for an unknown one, so that the wait tells nothing either."""

    async def seen() -> bool | None:
        async with context.database.connection() as reader:
            return await on_team(reader, customer_id, viewer) or None

    if await context.database.waiting.until_heard_of(seen) is None:
        raise _unknown_customer()


async def check_against(context: Context, against_type: str | None, against_id: UUID) -> None:
    """The id of whom or what a case is against is one that the directory lists; of anything else the name is given.

    A store or brand not heard of yet is waited for, as a customer is (decision 4). Raises UnknownStaff,
    UnknownDepartment, UnknownAgainst.
    """
    if against_type == "person":
        if not await directory.staff(context.database, [against_id]):
            raise UnknownStaff("no member of staff has this id", pointer=_AGAINST_ID)
    elif against_type == "department":
        if not await directory.has_department(context.database, against_id):
            raise UnknownDepartment("no department has this id", pointer=_AGAINST_ID)
    elif against_type in NAMED:
        await _await_named(context, against_type, against_id)
    else:
        kinds = ", ".join(("person", "department", *NAMED))
        raise UnknownAgainst(f"give its name instead: only these have an id here: {kinds}", pointer=_AGAINST_ID)


async def _await_named(context: Context, kind: str, id_: UUID) -> None:
    async def named() -> bool | None:
        return await directory.has_named(context.database, kind, id_) or None

    if await context.database.waiting.until_heard_of(named) is None:
        raise UnknownAgainst(f"no {kind} has this id", pointer=_AGAINST_ID)


def _unknown_customer() -> UnknownCustomer:
    return UnknownCustomer("no customer with this id has been heard of; register it first", pointer="#/customer_id")


async def _await_customer(context: Context, case: NewCase) -> None:
    if case.customer_id is not None:
        await _await_known(context, case.customer_id)


async def _await_known(context: Context, customer_id: UUID) -> None:
    known = partial(customers.known, context.database, customer_id)
    if await context.database.waiting.until_heard_of(known) is None:
        raise _unknown_customer()


def _recording(context: Context, case: NewCase, rulebook: Rulebook, key: IdempotencyKey | None) -> Recording:
    """The case with its clock for every tier, its words sealed, and its event as far as it is known."""
    policies = rulebook.policies_for(RANKS, case.subject, case.recorded_at)
    different = {policy.version: policy for policy in policies}.values()
    starts = {policy.version: _start(case, policy, rulebook.calendar(policy)) for policy in different}
    return Recording(
        case=case,
        day=number_day(case.recorded_at, context.zone),
        words=context.words.seal(orjson.dumps(case.words), case.id.bytes),
        details=details.sealed(context.words, case.id, case.details),
        starts=[starts[policy.version] for policy in policies],
        key=key,
        fact=opened_fact(case),
        event_id=new_id(),
        answers_id=rulebook.products.of(case.words.against) if case.against_type == "product" else None,
        traceparent=current_traceparent(),
    )


def _start(case: NewCase, policy: ClockPolicy, calendar: Calendar | None) -> ClockStart:
    clock = case.clock(policy, calendar)
    return ClockStart(
        due_at=clock.queued_at,
        next_alarm_at=next_moment(clock),
        answer_seconds=int(policy.answer_within.total_seconds()),
        policy_version=policy.version,
        calendar_version=calendar.version if calendar is not None else None,
    )
