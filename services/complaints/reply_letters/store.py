"""Reply letters in the database."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import Uuid, and_, func, or_, select, update
from sqlmodel import col

from services.complaints.cases.tables import ComplaintRow
from services.complaints.contacts.tables import ContactRow
from services.complaints.letters.store import reference_unless_erased
from services.complaints.reply_letters.domain import (
    GOOD_FOR,
    DueReply,
    NewReply,
    ReplyOutcome,
    ReplyState,
    ReplyText,
)
from services.complaints.reply_letters.tables import ReplyLetterRow
from shared import aliases
from shared.alias_schema import ALIAS
from shared.db import Connection
from shared.personal import Vault
from shared.statement import (
    Reader,
    Scalar,
    Statement,
    any_given,
    by_column,
    condition,
    given,
    insert_one,
    table,
    update_many,
)

BATCH: Final = 100
"""Replies that one transaction judges at most."""


class Due(NamedTuple):
    """A reply to be judged, with what it says and how its complainant is reached, sealed."""

    reply: DueReply
    sealed: bytes
    words: bytes
    details: bytes | None
    contact_of: UUID | None
    contact: bytes | None


def _due(
    sealed: bytes,
    words: bytes,
    details: bytes | None,
    contact_of: UUID | None,
    contact: bytes | None,
    **of_reply: Any,
) -> Due:
    return Due(DueReply(**of_reply), sealed, words, details, contact_of, contact)


_ADDED = (
    "id", "complaint_id", "round", "asked", "language", "state", "sealed", "template_version", "written_at",
    "written_by", "expires_at", "next_at",
)  # fmt: skip
_ADD = Statement(insert_one(ReplyLetterRow, *_ADDED))
_OF_REPLY = (
    "id", "complaint_id", "round", "asked", "language", "attempts", "expires_at", "sealed", "written_by",
)  # fmt: skip
_LEASE_RAN_OUT = condition("(reply_letter.state = 'sending' AND reply_letter.lease_until < now())")
_WHOSE = func.coalesce(ALIAS.c.kept_id, col(ComplaintRow.customer_id))
"""Of a customer who was merged, who is kept."""
_LOCK_DUE = Statement(
    select(
        *(table(ReplyLetterRow).c[name] for name in _OF_REPLY),
        *(table(ComplaintRow).c[name] for name in ("customer_id", "number", "words", "details")),
        _WHOSE.label("contact_of"),
        col(ContactRow.sealed).label("contact"),
    )
    .join_from(table(ReplyLetterRow), table(ComplaintRow), col(ComplaintRow.id) == col(ReplyLetterRow.complaint_id))
    .join(ALIAS, and_(ALIAS.c.id == col(ComplaintRow.customer_id), ALIAS.c.into_id.is_not(None)), isouter=True)
    .join(table(ContactRow), col(ContactRow.customer_id) == _WHOSE, isouter=True)
    .where(or_(col(ReplyLetterRow.next_at) <= given("now"), _LEASE_RAN_OUT))
    .order_by(col(ReplyLetterRow.id))
    .limit(BATCH)
    .with_for_update(skip_locked=True, of=table(ReplyLetterRow)),
    _due,
)
_LEASE = Statement(
    """
    UPDATE reply_letter SET state = 'sending', reason = NULL, channel = given.channel, attempts = attempts + 1,
        next_at = NULL, lease_holder = :holder, lease_until = now() + make_interval(secs => :seconds)
    FROM unnest(:id::uuid[], :channel::text[]) AS given(id, channel)
    WHERE reply_letter.id = given.id
    """
)
"""By hand: a lease runs on the database's clock, which is real time in rehearsals, too."""
_OUTCOME = ("state", "reason", "next_at", "channel")
_POSTPONE = Statement(update_many(ReplyLetterRow, "id", *_OUTCOME, lease_holder=None, lease_until=None))
_MARK = Scalar(
    update_many(
        ReplyLetterRow,
        "id",
        *_OUTCOME,
        "provider",
        "reference",
        "ended_at",
        reference=reference_unless_erased("reply_letter"),
        lease_holder=None,
        lease_until=None,
    )
    .where(col(ReplyLetterRow.state) == ReplyState.SENDING, col(ReplyLetterRow.lease_holder) == given("holder"))
    .returning(col(ReplyLetterRow.id)),
    UUID,
)
_REFUSE = Scalar(
    update_many(
        ReplyLetterRow, "id", "reason", state=ReplyState.REFUSED, next_at=None, lease_holder=None, lease_until=None
    )
    .where(or_(col(ReplyLetterRow.state).in_((ReplyState.PLANNED, ReplyState.HELD)), _LEASE_RAN_OUT))
    .returning(col(ReplyLetterRow.id)),
    UUID,
)
_OF_CUSTOMERS = (
    select(col(ReplyLetterRow.id))
    .join_from(table(ReplyLetterRow), table(ComplaintRow), col(ComplaintRow.id) == col(ReplyLetterRow.complaint_id))
    .where(
        col(ReplyLetterRow.state) == ReplyState.HELD,
        col(ReplyLetterRow.next_at) > given("now"),
        col(ComplaintRow.customer_id) == any_given("customers", Uuid),
    )
    .order_by(col(ReplyLetterRow.id))
    .with_for_update(of=table(ReplyLetterRow))
)
_WAKE = Statement(update(ReplyLetterRow).values(next_at=given("now")).where(col(ReplyLetterRow.id).in_(_OF_CUSTOMERS)))
_NEXT_DUE = Scalar(
    select(func.min(col(ReplyLetterRow.next_at))).where(col(ReplyLetterRow.next_at).is_not(None)), datetime
)
_LOCK = Statement(
    select(col(ReplyLetterRow.state), col(ReplyLetterRow.round))
    .where(col(ReplyLetterRow.id) == given("id"), col(ReplyLetterRow.complaint_id) == given("complaint_id"))
    .with_for_update()
)
_CASES_OF = Statement(
    select(col(ReplyLetterRow.id), col(ReplyLetterRow.complaint_id)).where(
        col(ReplyLetterRow.id) == any_given("ids", Uuid)
    )
)
_END = Statement(
    update(ReplyLetterRow)
    .values(state=given("state"), channel=given("channel"), ended_at=given("at"), ended_by=given("by"))
    .where(col(ReplyLetterRow.id) == given("id"))
)


def sealed(vault: Vault, id_: UUID, text: ReplyText) -> bytes:
    """What a reply says, as it is kept."""
    return vault.seal(orjson.dumps(text), id_.bytes)


def opened(vault: Vault, id_: UUID, kept: bytes) -> ReplyText:
    """What a reply says."""
    return ReplyText(**orjson.loads(vault.open(kept, id_.bytes)))


async def add(transaction: Connection, vault: Vault, reply: NewReply) -> None:
    """Writes a reply; all but paper is judged at once."""
    await _ADD.execute(
        transaction,
        id=reply.id,
        complaint_id=reply.complaint_id,
        round=reply.round,
        asked=reply.asked,
        language=reply.language,
        state=reply.state,
        sealed=sealed(vault, reply.id, reply.text),
        template_version=reply.template_version,
        written_at=reply.written_at,
        written_by=reply.written_by,
        expires_at=reply.written_at + GOOD_FOR,
        next_at=reply.written_at if reply.state is ReplyState.PLANNED else None,
    )


async def lock_due(transaction: Connection, now: datetime) -> list[Due]:
    """Replies to be judged now, held: due ones, and those whose sender's lease ran out."""
    return await _LOCK_DUE.all(transaction, now=now)


async def lease(transaction: Connection, sending: Sequence[ReplyOutcome], *, holder: UUID, seconds: float) -> None:
    """Takes replies into one's own hands."""
    rows = [{"id": each.reply.id, "channel": each.channel} for each in sending]
    if rows:
        await _LEASE.execute(transaction, **by_column(rows), holder=holder, seconds=seconds)


async def postpone(transaction: Connection, outcomes: Sequence[ReplyOutcome]) -> None:
    """Puts off what does not go now, or leaves it to be read."""
    rows = [{"id": each.reply.id, **{name: getattr(each, name) for name in _OUTCOME}} for each in outcomes]
    if rows:
        await _POSTPONE.execute(transaction, **by_column(rows))


async def mark(transaction: Connection, outcomes: Sequence[ReplyOutcome], holder: UUID, now: datetime) -> set[UUID]:
    """Marks how replies ended that `holder` still has in hand; returns which those were."""
    names = (*_OUTCOME, "provider", "reference")
    rows = [
        {
            "id": each.reply.id,
            **{name: getattr(each, name) for name in names},
            "ended_at": now if each.state is ReplyState.SENT else None,
        }
        for each in outcomes
    ]
    return set(await _MARK.all(transaction, **by_column(rows), holder=holder))


async def refuse(transaction: Connection, refused: Sequence[ReplyOutcome]) -> set[UUID]:
    """Refuses replies for good that nobody has in hand or has ended meanwhile; returns which those were."""
    rows = [{"id": each.reply.id, "reason": each.reason} for each in refused]
    return set(await _REFUSE.all(transaction, **by_column(rows)))


async def wake(transaction: Connection, customers: Collection[UUID], now: datetime) -> None:
    """Has held replies to these customers judged again."""
    same = await aliases.together(transaction, customers)
    await _WAKE.execute(transaction, customers=[id_ for ids in same.values() for id_ in ids], now=now)


async def next_due(reader: Reader) -> datetime | None:
    """The next moment at which some reply is judged."""
    return await _NEXT_DUE.one(reader)


async def lock(transaction: Connection, complaint_id: UUID, id_: UUID) -> tuple[ReplyState, int] | None:
    """How the case's reply stands, and of which round it is, held; None when it has none like that."""
    found = await _LOCK.one(transaction, id=id_, complaint_id=complaint_id)
    return (ReplyState(found["state"]), found["round"]) if found is not None else None


async def cases_of(reader: Reader, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The cases of replies."""
    return {row["id"]: row["complaint_id"] for row in await _CASES_OF.all(reader, ids=list(ids))}


async def end(transaction: Connection, id_: UUID, state: ReplyState, channel: str, at: datetime, by: UUID) -> None:
    """Somebody has read or printed it."""
    await _END.execute(transaction, id=id_, state=state, channel=channel, at=at, by=by)
