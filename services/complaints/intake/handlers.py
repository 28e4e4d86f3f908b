"""Use cases of intake: recording a case, reading it, the list, the queue, following it by token."""

import asyncio
import base64
import binascii
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from services.complaints.calendars.domain import Calendar
from services.complaints.cases.domain import (
    RANKS,
    NewCase,
    NobodyComplains,
    NoSuchComplaint,
    Opened,
    Rulebook,
    UnknownCustomer,
    number_day,
    rank_of,
)
from services.complaints.context import Context
from services.complaints.intake import store
from services.complaints.intake.store import Recording, Start
from services.complaints.response_clocks.domain import ClockPolicy, next_alarm
from services.complaints.response_clocks.handlers import read_rulebook
from services.complaints.response_clocks.store import next_revision
from shared.bus.event import Event
from shared.contracts.complaints import ComplaintOpened
from shared.contracts.customers import (
    AccountTeamChanged,
    CustomerRegistered,
    CustomerUpdated,
    TierChanged,
)
from shared.db import Connection
from shared.errors import Busy, Forbidden
from shared.http.idempotency import IdempotencyKey, stored_resource
from shared.telemetry import current_traceparent

UNHEARD_OF: Final = (0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.3, 0.5, 0.5)
"""Seconds between looks for a customer not heard of yet: 2 s in all (decision 4)."""
REVISIONS: Final = 5
"""How often a case is tried again because the rulebook has just changed."""
TOKEN_HASH: Final = 16

# ---------------------------------------------------------------------------- recording


async def record_case(context: Context, case: NewCase, key: IdempotencyKey | None) -> tuple[Opened, bool]:
    """Records a case with its clock and its event, in one statement; True beside it when a key repeats an earlier one.

    A customer not heard of yet is waited for up to 2 s (decision 4).
    """
    if case.customer_id is None and case.complainant is None and case.kind != "internal":
        raise NobodyComplains("give customer_id, or complainant with name and contact", pointer="#/complainant")
    for _ in range(REVISIONS):
        rulebook = await _rulebook(context, case.subject)
        rulebook.check_subject(case.subject)
        opened = await context.scribe.record(rulebook.revision, recording_of(context, case, rulebook, key))
        if opened is not None:
            return opened, False
        if key is not None and (earlier := await _earlier(context, key)):
            return earlier, True
        await _await_customer(context, case.customer_id)
        context.shelf.rulebook = None
    raise Busy("clock policies are being changed; try again in a moment")


async def _rulebook(context: Context, subject: str) -> Rulebook:
    """This process's copy; read anew when there is none, or when it lacks the subject, which may be a new one."""
    rulebook = context.shelf.rulebook
    if rulebook is None or not rulebook.subjects.get(subject):
        rulebook = context.shelf.rulebook = await read_rulebook(context)
    return rulebook


async def _earlier(context: Context, key: IdempotencyKey) -> Opened | None:
    async with context.database.connection() as reader:
        id_ = await stored_resource(reader, key)
        return await store.first_answer(reader, id_) if id_ is not None else None


async def _await_customer(context: Context, customer_id: UUID | None) -> None:
    if customer_id is None:
        return
    for seconds in (*UNHEARD_OF, 0):
        async with context.database.connection() as reader:
            if await store.customer_known(reader, customer_id):
                return
        await asyncio.sleep(seconds)
    raise UnknownCustomer("no customer with this id has been heard of; register it first", pointer="#/customer_id")


def recording_of(context: Context, case: NewCase, rulebook: Rulebook, key: IdempotencyKey | None) -> Recording:
    """The case with its clock for every tier, its words sealed, and its event as far as it is known."""
    policies = [rulebook.policy(tier, case.subject, case.recorded_at) for tier in RANKS]
    starts = {policy.version: _start(case, policy, rulebook.calendar(policy)) for policy in set(policies)}
    return Recording(
        case=case,
        day=number_day(case.recorded_at, context.runtime.zone),
        words=context.words.seal(_words(case), case.id.bytes),
        starts=[starts[policy.version] for policy in policies],
        key=key,
        fact=_fact(case),
        traceparent=current_traceparent(),
    )


def _start(case: NewCase, policy: ClockPolicy, calendar: Calendar | None) -> Start:
    clock = case.clock(policy.answer_within, calendar)
    return Start(
        clock.queued_at,
        next_alarm(clock),
        int(policy.answer_within.total_seconds()),
        policy.version,
        calendar.version if calendar is not None else None,
    )


def _words(case: NewCase) -> bytes:
    return orjson.dumps(
        {
            "text": case.text,
            "wish": case.wish,
            "complainant": case.complainant,
            "against": case.against.name if case.against else None,
        }
    )


_ONLY_THE_DATABASE_KNOWS: Final = {"number", "tier", "responsible_id", "answer_due_at"}


def _fact(case: NewCase) -> str:
    opened = ComplaintOpened(
        complaint_id=case.id,
        customer_id=case.customer_id,
        at=case.recorded_at,
        number="",
        kind=case.kind,
        subject=case.subject,
        against_type=case.against.type if case.against else None,
        against_id=case.against.id if case.against else None,
        channel=case.channel,
        taken_over=case.taken_over,
    )
    return opened.model_dump_json(exclude=_ONLY_THE_DATABASE_KNOWS)[:-1]


# ---------------------------------------------------------------------------- following


def tracking_token(context: Context, id_: UUID) -> str:
    """The complainant's key to the case: its id and a keyed hash of it, so none is stored (decision 19)."""
    return base64.urlsafe_b64encode(id_.bytes + context.tracking.digest(id_.bytes)[:TOKEN_HASH]).decode().rstrip("=")


async def track(context: Context, token: str) -> Any:
    """The row of a case for its complainant; NoSuchComplaint for any token not given here."""
    async with context.database.connection() as reader:
        row = await store.tracked(reader, _tracked_id(context, token), context.clock.now())
    if row is None:
        raise NoSuchComplaint("no complaint belongs to this token")
    return row


def _tracked_id(context: Context, token: str) -> UUID:
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        id_ = UUID(bytes=raw[:16])
    except (binascii.Error, ValueError):
        raise NoSuchComplaint("no complaint belongs to this token") from None
    if not hmac.compare_digest(raw[16:], context.tracking.digest(id_.bytes)[:TOKEN_HASH]):
        raise NoSuchComplaint("no complaint belongs to this token")
    return id_


# ---------------------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class Words:
    """What of a case is personal, unsealed."""

    text: str
    wish: str | None
    complainant: dict[str, str] | None
    against: str | None


def words_of(context: Context, row: Any) -> Words:
    return Words(**orjson.loads(context.words.open(row["words"], UUID(row["id"]).bytes)))


async def read_case(context: Context, id_: UUID, *, member_id: UUID | None) -> tuple[Any, Sequence[Any]]:
    """The row of a case and its earlier rounds; what does not concern the member (None: all does) is as if absent."""
    async with context.database.connection() as reader:
        row = await store.one(reader, id_, context.clock.now(), member_id=member_id)
        if row is None:
            raise NoSuchComplaint("no complaint has this id")
        return row, await store.earlier_rounds(reader, id_, row["round"])


async def list_cases(
    context: Context, filters: dict[str, Any], before: UUID, limit: int, *, member_id: UUID | None
) -> Sequence[Any]:
    """Rows of cases, the newest first; a member sees those of a customer whose team they are on."""
    async with context.database.connection() as reader:
        if member_id is not None and not await _concerns(reader, filters["customer_id"], member_id):
            return []
        return await store.listed(reader, filters, context.clock.now(), before, limit)


async def _concerns(reader: Connection, customer_id: UUID | None, member_id: UUID) -> bool:
    if customer_id is None:
        raise Forbidden("name a customer you serve: customer_id")
    return await store.on_team(reader, customer_id, member_id)


async def read_queue(context: Context, after: tuple[int, datetime, UUID], limit: int) -> Sequence[Any]:
    """Rows of open cases by tier and what is left on the clock, after a place in the queue."""
    async with context.database.connection() as reader:
        return await store.queued(reader, context.clock.now(), after, limit)


# ---------------------------------------------------------------------------- subjects


async def list_subjects(context: Context) -> Sequence[Any]:
    """What a case can be about, in use or not."""
    async with context.database.connection() as reader:
        return await store.subjects(reader)


async def keep_subject(context: Context, code: str, name_en: str, name_zh: str, *, active: bool) -> None:
    """Adds or renames a subject, or takes it out of use; cases that have it keep it."""
    async with context.database.transaction() as transaction:
        await next_revision(transaction)
        await store.keep_subject(transaction, code, name_en, name_zh, active)


# ---------------------------------------------------------------------------- customers


async def customers_registered(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to customer.registered."""
    facts = [event.read(CustomerRegistered) for event in events]
    await store.keep_customers(transaction, {fact.customer_id: rank_of(fact.tier) for fact in facts})


async def customers_updated(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to customer.updated: the customer exists, whatever else has not arrived yet."""
    facts = [event.read(CustomerUpdated) for event in events]
    await store.keep_customers(transaction, {fact.customer_id: None for fact in facts})


async def tiers_changed(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to tier.changed: open cases take their new place in the queue at once."""
    facts = [event.read(TierChanged) for event in events]
    await store.keep_tiers(transaction, {fact.customer_id: rank_of(fact.to_tier) for fact in facts})


async def teams_changed(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to account_team.changed: who is responsible for what is recorded from now on."""
    facts = [event.read(AccountTeamChanged) for event in events]
    await store.keep_teams(transaction, {fact.customer_id: fact.team for fact in facts})
