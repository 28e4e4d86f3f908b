"""Messages in the database."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, func, literal_column, not_, or_, select, union_all, update
from sqlmodel import col

from services.care.messages.domain import Message, MessageState, Outcome, Postponed, Purpose, Replacement
from services.care.messages.tables import MessageRow
from shared import aliases
from shared.contracts.care import Channel
from shared.db import Connection, Database
from shared.statement import Scalar, Statement, any_given, by_column, condition, given, insert_many, table, update_many

_PLANNED = (
    "id", "customer_id", "staff_id", "occasion", "occasion_key", "template", "variables", "purpose", "urgent",
    "expires_at", "about",
)  # fmt: skip


def _message(*, purpose: str, **same: Any) -> Message:
    return Message(purpose=Purpose(purpose), **same)


_AMONG = col(MessageRow.id) == any_given("ids", Uuid)
_OF_CUSTOMERS = col(MessageRow.customer_id) == any_given("customers", Uuid)
_GONE_AT = func.coalesce(col(MessageRow.sent_at), col(MessageRow.leased_at))
_SENDING = col(MessageRow.state) == MessageState.SENDING
_LEASE_RAN_OUT = condition("(message.state = 'sending' AND message.lease_until < now())")


def _waking(whose: Any) -> Statement[Any]:
    """Has held messages judged now; they are locked in the order of their ids, as `replace` does it."""
    held = select(col(MessageRow.id)).where(
        whose, col(MessageRow.state) == MessageState.HELD, col(MessageRow.next_at) > given("now")
    )
    in_order = held.order_by(col(MessageRow.id)).with_for_update()
    return Statement(update(MessageRow).values(next_at=given("now")).where(col(MessageRow.id).in_(in_order)))


_PLAN = Scalar(
    insert_many(MessageRow, *_PLANNED, state=MessageState.PLANNED, planned_at=given("now"), next_at=given("next_at"))
    .on_conflict_do_nothing()
    .returning(col(MessageRow.id)),
    UUID,
)
_REPLACE = Statement(
    """
    WITH waiting AS (
        SELECT m.id, given.reason
        FROM message m
        JOIN unnest(:id::uuid[], :about::text[], :customer_id::uuid[], :staff_id::uuid[], :reason::text[])
            AS given(id, about, customer_id, staff_id, reason)
            ON m.about = given.about AND m.id IS DISTINCT FROM given.id
            AND m.customer_id IS NOT DISTINCT FROM given.customer_id
            AND m.staff_id IS NOT DISTINCT FROM given.staff_id
        WHERE m.state IN ('planned', 'held', 'sending')
        ORDER BY m.id
        FOR UPDATE OF m
    )
    UPDATE message SET outdated = true, next_at = NULL,
        state = CASE message.state WHEN 'sending' THEN 'sending' ELSE 'replaced' END,
        reason = CASE message.state WHEN 'sending' THEN message.reason ELSE waiting.reason END
    FROM waiting WHERE message.id = waiting.id
    """
)
"""By hand: recipients of both kinds, two fates in one statement, and rows locked in the order of their ids."""
_END = Statement(
    """
    WITH waiting AS (
        SELECT id FROM message
        WHERE about = ANY(:about::text[]) AND state IN ('planned', 'held', 'sending') ORDER BY id FOR UPDATE
    )
    UPDATE message SET outdated = true, next_at = NULL,
        state = CASE message.state WHEN 'sending' THEN 'sending' ELSE 'replaced' END,
        reason = CASE message.state WHEN 'sending' THEN message.reason ELSE :reason END
    FROM waiting WHERE message.id = waiting.id
    """
)
"""By hand, as replacing is: whoever the recipients are."""
_DUE = Statement(
    union_all(
        select(col(MessageRow.id), col(MessageRow.customer_id))
        .where(col(MessageRow.next_at) <= given("now"))
        .order_by(col(MessageRow.next_at))
        .limit(given("most")),
        select(col(MessageRow.id), col(MessageRow.customer_id)).where(_LEASE_RAN_OUT).limit(given("most")),
    )
)
_LOCK_DUE = Statement(
    select(*(table(MessageRow).c[name] for name in (*_PLANNED, "outdated", "channel", "reason", "attempts")))
    .where(
        _AMONG,
        or_(col(MessageRow.next_at) <= given("now"), _LEASE_RAN_OUT),
        or_(col(MessageRow.customer_id).is_(None), _OF_CUSTOMERS),
    )
    .order_by(col(MessageRow.id))
    .with_for_update(skip_locked=True),
    _message,
)
_SENT_SINCE = Statement(
    select(col(MessageRow.customer_id), col(MessageRow.channel), _GONE_AT.label("gone_at")).where(
        _OF_CUSTOMERS,
        or_(
            col(MessageRow.sent_at) > given("moment"),
            and_(_SENDING, col(MessageRow.leased_at) > given("moment")),
        ),
        col(MessageRow.purpose) != Purpose.SERVICE,
        col(MessageRow.channel).is_not(None),
        not_(col(MessageRow.id) == any_given("but", Uuid)),
    )
)
_LEASE = Statement(
    """
    UPDATE message SET state = 'sending', reason = NULL, channel = given.channel, address = given.address,
        attempts = attempts + 1, leased_at = :now, next_at = NULL, lease_holder = :holder,
        lease_until = now() + make_interval(secs => :seconds)
    FROM unnest(:id::uuid[], :channel::text[], :address::text[]) AS given(id, channel, address)
    WHERE message.id = given.id
    """
)
"""By hand: a lease runs on the database's clock, which is real time in rehearsals, too."""
_POSTPONE = Statement(update_many(MessageRow, "id", "state", "reason", "next_at", lease_holder=None, lease_until=None))
_ENDING = ("state", "reason", "next_at", "sent_at", "provider", "reference")
_REFERENCE: Any = literal_column(
    "CASE WHEN message.outdated AND message.address IS NULL THEN NULL ELSE given.reference END"
)
"""None where the person was erased while it was in the sender's hands: their address is gone as well."""
_MARK = (
    update_many(MessageRow, "id", *_ENDING, reference=_REFERENCE, lease_holder=None, lease_until=None)
    .where(_SENDING, col(MessageRow.lease_holder) == given("holder"))
    .returning(col(MessageRow.id))
)
_FREE = select(col(MessageRow.id)).where(_SENDING, col(MessageRow.lease_holder) == given("holder"))
_MARK_FREE = Scalar(_MARK.where(col(MessageRow.id).in_(_FREE.with_for_update(skip_locked=True))), UUID)
_MARK_ONE = Scalar(_MARK, UUID)
_WAKE_CUSTOMERS = _waking(_OF_CUSTOMERS)
_WAKE_STAFF = _waking(col(MessageRow.staff_id) == any_given("staff", Uuid))
_NEXT_DUE = Scalar(select(func.min(col(MessageRow.next_at))).where(col(MessageRow.next_at).is_not(None)), datetime)


async def plan(transaction: Connection, messages: Sequence[Message], now: datetime, next_at: datetime) -> list[Message]:
    """Adds messages, to be judged at a moment, and returns them; a recipient's second one for the same occasion is left
    out."""
    if not messages:
        return []
    added = set(await _PLAN.all(transaction, **by_column(map(_row, messages)), now=now, next_at=next_at))
    return [message for message in messages if message.id in added]


async def replace(transaction: Connection, replacements: Collection[Replacement]) -> None:
    """Ends what tells recipients of the same and waits; what a sender has in hand is not tried again."""
    if replacements:
        await _REPLACE.execute(transaction, **by_column(map(asdict, replacements)))


async def end(transaction: Connection, about: Collection[str], reason: str) -> None:
    """Ends what tells anybody of this and waits; what a sender has in hand is not tried again."""
    if about:
        await _END.execute(transaction, about=list(about), reason=reason)


async def due(transaction: Connection, now: datetime, most: int) -> list[tuple[UUID, UUID | None]]:
    """Ids of messages to be judged now (and their customers): due ones, and those whose sender's lease ran out."""
    return [(row["id"], row["customer_id"]) for row in await _DUE.all(transaction, now=now, most=most)]


async def lock_due(
    transaction: Connection, ids: Collection[UUID], now: datetime, customers: Collection[UUID]
) -> list[Message]:
    """Those of them that are due still, are for staff or the given customers, and that nobody else holds."""
    return await _LOCK_DUE.all(transaction, ids=list(ids), now=now, customers=list(customers))


async def sent_since(
    transaction: Connection, customers: Collection[UUID], moment: datetime, but: Collection[UUID]
) -> Mapping[UUID, dict[Channel, list[datetime]]]:
    """When greetings and promotions went out after `moment`, per customer and channel, leaving out the ids `but`."""
    found: dict[UUID, dict[Channel, list[datetime]]] = {}
    same = await aliases.together(transaction, customers)
    named = {each for every in same.values() for each in every}
    for row in await _SENT_SINCE.all(transaction, customers=list(named), moment=moment, but=list(but)):
        for id_ in [id_ for id_, every in same.items() if row["customer_id"] in every]:
            found.setdefault(id_, {}).setdefault(row["channel"], []).append(row["gone_at"])
    return found


async def lease(
    transaction: Connection,
    sending: Sequence[tuple[Message, Channel, str]],
    *,
    now: datetime,
    holder: UUID,
    seconds: float,
) -> None:
    """Takes messages into one's own hands: (message, channel, masked address)."""
    rows = [{"id": message.id, "channel": channel, "address": address} for message, channel, address in sending]
    if rows:
        await _LEASE.execute(transaction, **by_column(rows), now=now, holder=holder, seconds=seconds)


async def postpone(transaction: Connection, postponed: Sequence[Postponed]) -> None:
    """Puts off what does not go now, or refuses it for good."""
    if postponed:
        await _POSTPONE.execute(transaction, **by_column(map(_judged, postponed)))


async def mark_free(transaction: Connection, outcomes: Sequence[Outcome], holder: UUID, now: datetime) -> set[UUID]:
    """Marks those messages that `holder` still has in hand and that nobody locks; returns which those were."""
    rows = [_ended(each, now) for each in outcomes]
    return set(await _MARK_FREE.all(transaction, **by_column(rows), holder=holder))


async def mark_one(transaction: Connection, outcome: Outcome, holder: UUID, now: datetime) -> bool:
    """Marks a message, waiting for whoever locks it; whether `holder` still had it in hand."""
    return await _MARK_ONE.one(transaction, **by_column([_ended(outcome, now)]), holder=holder) is not None


async def wake_customers(transaction: Connection, customers: Collection[UUID], now: datetime) -> None:
    """Has held messages of these customers judged again; the customers' rows are locked by the caller."""
    await _WAKE_CUSTOMERS.execute(transaction, customers=list(customers), now=now)


async def wake_staff(transaction: Connection, staff: Collection[UUID], now: datetime) -> None:
    """Has held notices to these colleagues judged again."""
    await _WAKE_STAFF.execute(transaction, staff=list(staff), now=now)


async def next_due(database: Database) -> datetime | None:
    return await _NEXT_DUE.one(database)


def _row(message: Message) -> dict[str, object]:
    return {name: getattr(message, name) for name in _PLANNED}


def _judged(each: Postponed | Outcome) -> dict[str, object]:
    return {"id": each.message.id, "state": each.state, "reason": each.reason, "next_at": each.next_at}


def _ended(each: Outcome, now: datetime) -> dict[str, object]:
    sent_at = now if each.state is MessageState.SENT else None
    return {**_judged(each), "sent_at": sent_at, "provider": each.provider, "reference": each.reference}
