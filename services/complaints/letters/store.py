"""Letters in the database."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Uuid, and_, case, cast, func, literal_column, or_, select, true, update
from sqlmodel import col

from services.complaints.cases.domain import CaseState
from services.complaints.cases.tables import ComplaintRow, PauseRow
from services.complaints.contacts.tables import ContactRow
from services.complaints.history.tables import EntryRow
from services.complaints.letters.domain import letters
from services.complaints.letters.domain.letters import FIRST_REPLY, QUESTION, Letter, LetterOutcome, LetterState
from services.complaints.letters.tables import LetterRow
from services.complaints.response_clocks.store import Concern
from shared import aliases
from shared.alias_schema import ALIAS
from shared.db import Connection
from shared.statement import (
    Reader,
    Scalar,
    Statement,
    any_given,
    by_column,
    condition,
    given,
    insert_many,
    rows_given,
    table,
    update_many,
)

BATCH: Final = 100
"""Letters that one transaction judges at most."""


class DueLetter(NamedTuple):
    """A letter to be judged, with the sealed words of its case and the sealed contact of its customer."""

    letter: Letter
    words: bytes
    details: bytes | None
    contact_of: UUID | None
    contact: bytes | None
    question: bytes | None
    """What is asked, sealed."""


def _due(
    words: bytes,
    details: bytes | None,
    contact_of: UUID | None,
    contact: bytes | None,
    question: bytes | None,
    **of_letter: Any,
) -> DueLetter:
    return DueLetter(Letter(**of_letter), words, details, contact_of, contact, question)


_SENDING = col(LetterRow.state) == LetterState.SENDING
_LEASE_RAN_OUT = condition("(letter.state = 'sending' AND letter.lease_until < now())")
_QUESTION_ID = case(
    (
        col(LetterRow.occasion).startswith(f"{QUESTION}:"),
        cast(func.substr(col(LetterRow.occasion), len(QUESTION) + 2), Uuid),
    )
)
_STILL_ASKED = and_(col(PauseRow.entry_id).is_not(None), col(PauseRow.ended_at).is_(None))
_IS_OPEN = case(
    (_QUESTION_ID.is_not(None), and_(col(ComplaintRow.state) == CaseState.OPEN, _STILL_ASKED)),
    (and_(col(ComplaintRow.state) == CaseState.OPEN, col(ComplaintRow.round) == 1), true()),
    else_=False,
)
DUE_AT = func.coalesce(col(ComplaintRow.due_at), col(ComplaintRow.opened_due_at)).label("due_at")
_PLAN = Statement(
    insert_many(
        LetterRow,
        "id",
        "complaint_id",
        "occasion",
        "expires_at",
        state=LetterState.PLANNED,
        planned_at=given("now"),
        next_at=given("now"),
    ).on_conflict_do_nothing(index_elements=["complaint_id", "occasion"])
)
_WHOSE = func.coalesce(ALIAS.c.kept_id, col(ComplaintRow.customer_id))
"""Of a customer who was merged, who is kept."""
_LOCK_DUE = Statement(
    select(
        *(table(LetterRow).c[name] for name in ("id", "complaint_id", "occasion", "attempts", "expires_at")),
        *(
            table(ComplaintRow).c[name]
            for name in ("number", "kind", "customer_id", "round", "tracking_generation", "words", "details")
        ),
        _QUESTION_ID.label("question_id"),
        col(EntryRow.words).label("question"),
        _IS_OPEN.label("is_open"),
        DUE_AT,
        _WHOSE.label("contact_of"),
        col(ContactRow.sealed).label("contact"),
    )
    .join_from(table(LetterRow), table(ComplaintRow), col(ComplaintRow.id) == col(LetterRow.complaint_id))
    .join(ALIAS, and_(ALIAS.c.id == col(ComplaintRow.customer_id), ALIAS.c.into_id.is_not(None)), isouter=True)
    .join(table(ContactRow), col(ContactRow.customer_id) == _WHOSE, isouter=True)
    .join(table(EntryRow), col(EntryRow.id) == _QUESTION_ID, isouter=True)
    .join(
        table(PauseRow),
        and_(col(PauseRow.complaint_id) == col(LetterRow.complaint_id), col(PauseRow.entry_id) == _QUESTION_ID),
        isouter=True,
    )
    .where(or_(col(LetterRow.next_at) <= given("now"), _LEASE_RAN_OUT))
    .order_by(col(LetterRow.id))
    .limit(BATCH)
    .with_for_update(skip_locked=True, of=table(LetterRow)),
    _due,
)
_LEASE = Statement(
    """
    UPDATE letter SET state = 'sending', reason = NULL, channel = given.channel, language = given.language,
        attempts = attempts + 1, next_at = NULL, lease_holder = :holder,
        lease_until = now() + make_interval(secs => :seconds)
    FROM unnest(:id::uuid[], :channel::text[], :language::text[]) AS given(id, channel, language)
    WHERE letter.id = given.id
    """
)
"""By hand: a lease runs on the database's clock, which is real time in rehearsals, too."""
_POSTPONE = Statement(
    update_many(
        LetterRow, "id", "state", "reason", "next_at", "channel", "language", lease_holder=None, lease_until=None
    )
)


def reference_unless_erased(row: str) -> Any:
    """The sender's number of what was sent; none where the person was erased while it was in the sender's hands."""
    return literal_column(f"CASE WHEN {row}.reason = '{letters.ERASED}' THEN NULL ELSE given.reference END")


_ENDING = ("state", "reason", "next_at", "channel", "sent_at", "provider", "reference")
_MARK = Scalar(
    update_many(
        LetterRow, "id", *_ENDING, reference=reference_unless_erased("letter"), lease_holder=None, lease_until=None
    )
    .where(_SENDING, col(LetterRow.lease_holder) == given("holder"))
    .returning(col(LetterRow.id)),
    UUID,
)
_REFUSE = Scalar(
    update_many(LetterRow, "id", "reason", state=LetterState.REFUSED, next_at=None, lease_holder=None, lease_until=None)
    .where(or_(col(LetterRow.state).in_((LetterState.PLANNED, LetterState.HELD)), _LEASE_RAN_OUT))
    .returning(col(LetterRow.id)),
    UUID,
)
_CONCERNS = Statement(
    select(col(ComplaintRow.id), col(ComplaintRow.responsible_id), col(ComplaintRow.customer_id)).where(
        col(ComplaintRow.id) == any_given("ids", Uuid)
    )
)
_HOLD_CASES = Statement(
    select(col(ComplaintRow.id))
    .where(col(ComplaintRow.id) == any_given("ids", Uuid))
    .order_by(col(ComplaintRow.id))
    .with_for_update(key_share=True, read=True)
)
_OF_CUSTOMERS = (
    select(col(LetterRow.id))
    .join_from(table(LetterRow), table(ComplaintRow), col(ComplaintRow.id) == col(LetterRow.complaint_id))
    .where(
        col(LetterRow.state) == LetterState.HELD,
        col(LetterRow.next_at) > given("now"),
        col(ComplaintRow.customer_id) == any_given("customers", Uuid),
    )
    .order_by(col(LetterRow.id))
    .with_for_update(of=table(LetterRow))
)
_WAKE = Statement(update(LetterRow).values(next_at=given("now")).where(col(LetterRow.id).in_(_OF_CUSTOMERS)))
_NEXT_DUE = Scalar(select(func.min(col(LetterRow.next_at))).where(col(LetterRow.next_at).is_not(None)), datetime)
_FIRST_REPLY = Statement(
    select(col(LetterRow.id), col(LetterRow.state))
    .where(col(LetterRow.complaint_id) == given("complaint_id"), col(LetterRow.occasion).startswith(FIRST_REPLY))
    .order_by(col(LetterRow.id).desc())
    .limit(1)
    .with_for_update()
)
_READ = Statement(
    update(LetterRow)
    .values(state=LetterState.READ.value, read_at=given("at"), read_by=given("by"))
    .where(col(LetterRow.id) == given("id"))
)


_ASKED = rows_given(PauseRow, "complaint_id", "round", "started_at")
_QUESTIONS = Statement(
    select(*(table(PauseRow).c[name] for name in ("complaint_id", "entry_id", "until")))
    .join(
        _ASKED,
        and_(
            col(PauseRow.complaint_id) == _ASKED.c.complaint_id,
            col(PauseRow.round) == _ASKED.c.round,
            col(PauseRow.started_at) == _ASKED.c.started_at,
        ),
    )
    .join(table(EntryRow), col(EntryRow.id) == col(PauseRow.entry_id))
    .where(col(PauseRow.ended_at).is_(None), col(EntryRow.words).is_not(None))
)


async def questions(reader: Reader, pauses: Sequence[dict[str, object]]) -> list[dict[str, Any]]:
    """What is asked in these pauses (`complaint_id`, `round`, `started_at`), as far as they stand."""
    rows = await _QUESTIONS.all(reader, **by_column(pauses)) if pauses else []
    return [dict(row.items()) for row in rows]


async def plan(transaction: Connection, letters: Sequence[dict[str, object]], now: datetime) -> None:
    """Adds letters (`id`, `complaint_id`, `occasion`, `expires_at`); a case's second of an occasion is left out."""
    if letters:
        await _PLAN.execute(transaction, **by_column(letters), now=now)


async def lock_due(transaction: Connection, now: datetime) -> list[DueLetter]:
    """Letters to be judged now, held: due ones, and those whose sender's lease ran out."""
    return await _LOCK_DUE.all(transaction, now=now)


async def lease(transaction: Connection, sending: Sequence[LetterOutcome], *, holder: UUID, seconds: float) -> None:
    """Takes letters into one's own hands."""
    rows = [{"id": each.letter.id, "channel": each.channel, "language": each.language} for each in sending]
    if rows:
        await _LEASE.execute(transaction, **by_column(rows), holder=holder, seconds=seconds)


async def postpone(transaction: Connection, outcomes: Sequence[LetterOutcome]) -> None:
    """Puts off what does not go now, refuses it for good, or leaves it to be read."""
    names = ("state", "reason", "next_at", "channel", "language")
    rows = [{"id": each.letter.id, **{name: getattr(each, name) for name in names}} for each in outcomes]
    if rows:
        await _POSTPONE.execute(transaction, **by_column(rows))


async def hold_cases(transaction: Connection, ids: Collection[UUID]) -> None:
    """Before their letters: a case is locked before what hangs on it."""
    await _HOLD_CASES.all(transaction, ids=sorted(ids))


async def mark(transaction: Connection, outcomes: Sequence[LetterOutcome], holder: UUID, now: datetime) -> set[UUID]:
    """Marks how letters ended that `holder` still has in hand; returns which those were."""
    rows: list[dict[str, object]] = [
        {
            "id": each.letter.id,
            "state": each.state,
            "reason": each.reason,
            "next_at": each.next_at,
            "channel": each.channel,
            "sent_at": now if each.state is LetterState.SENT else None,
            "provider": each.provider,
            "reference": each.reference,
        }
        for each in outcomes
    ]
    return set(await _MARK.all(transaction, **by_column(rows), holder=holder))


async def refuse(transaction: Connection, refused: Sequence[LetterOutcome]) -> set[UUID]:
    """Refuses letters for good that nobody has in hand or has ended meanwhile; returns which those were."""
    rows = [{"id": each.letter.id, "reason": each.reason} for each in refused]
    return set(await _REFUSE.all(transaction, **by_column(rows)))


async def concerns(reader: Reader, ids: Collection[UUID]) -> dict[UUID, Concern]:
    """Whom these cases concern who handles them."""
    rows = await _CONCERNS.all(reader, ids=list(ids))
    return {row["id"]: Concern(row["responsible_id"], row["customer_id"]) for row in rows}


async def wake(transaction: Connection, customers: Collection[UUID], now: datetime) -> None:
    """Has held letters to these customers judged again."""
    same = await aliases.together(transaction, customers)
    await _WAKE.execute(transaction, customers=[id_ for ids in same.values() for id_ in ids], now=now)


async def next_due(reader: Reader) -> datetime | None:
    """The next moment at which some letter is judged."""
    return await _NEXT_DUE.one(reader)


async def lock_first_reply(transaction: Connection, complaint_id: UUID) -> tuple[UUID, LetterState] | None:
    """The case's last first reply, held, and how it stands; None when it has none."""
    row = await _FIRST_REPLY.one(transaction, complaint_id=complaint_id)
    return None if row is None else (row["id"], LetterState(row["state"]))


async def keep_read(transaction: Connection, id_: UUID, by: UUID, at: datetime) -> None:
    """Somebody has read it to the complainant."""
    await _READ.execute(transaction, id=id_, by=by, at=at)
