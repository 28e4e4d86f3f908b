"""What complaints keeps of a complainant, in the database: words are emptied, traces and contacts go."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Uuid, delete, null, or_, select
from sqlmodel import col

from services.complaints.cases.tables import ComplaintRow
from services.complaints.commitments.tables import CommitmentRow
from services.complaints.confirmations.tables import ConfirmationEntryRow
from services.complaints.erasures.domain import Erasing
from services.complaints.erasures.tables import ErasingRow
from services.complaints.evidence.tables import EvidenceFileRow
from services.complaints.history.tables import EntryRow
from services.complaints.letters.domain.letters import ERASED
from services.complaints.reply_letters.tables import ReplyLetterRow
from shared.db import Connection
from shared.personal import Vault
from shared.statement import Reader, Scalar, Statement, any_given, by_column, given, insert_one, table, update_many

AT_ONCE: Final = 100
"""Erasures that are looked at in one transaction."""
_NOTHING: Final = b""
_NO_FILE: Final = orjson.dumps({"name": "", "note": None})
_NO_REPLY: Final = orjson.dumps({"subject": "", "text": ""})

_ID = col(ComplaintRow.id)
_OF_CUSTOMER = Scalar(select(_ID).where(col(ComplaintRow.customer_id) == any_given("customers", Uuid)), UUID)
_OF_COMPLAINANT = Scalar(
    """
    SELECT c.id FROM complaint c
    WHERE (c.id = :id AND c.customer_id IS NULL) OR c.id IN (
        SELECT other.complaint_id FROM case_trace own JOIN case_trace other ON other.contact_trace = own.contact_trace
        WHERE own.complaint_id = :id AND own.contact_trace IS NOT NULL
    )
    """,
    UUID,
)
"""By hand: whoever was reached by the same phone or address is the same person, for whomever they complained. A case of
a customer's without a contact of its own is the customer's."""
_HOLD_CASES = Statement(
    select(col(ComplaintRow.id)).where(col(ComplaintRow.id) == any_given("ids", Uuid)).order_by(_ID).with_for_update()
)
_WORDS = Statement(
    select(col(ComplaintRow.id), col(ComplaintRow.words)).where(col(ComplaintRow.id) == any_given("ids", Uuid))
)
_EMPTY_CASES = Statement(
    update_many(
        ComplaintRow, "id", "words", details=null(), tracking_generation=col(ComplaintRow.tracking_generation) + 1
    )
)
"""Links of the complainant lead nowhere from then on."""


@dataclass(frozen=True, slots=True)
class _Text:
    """Sealed words of many rows: which they are, how they are written, and what stands in for them."""

    rows: Scalar[UUID]
    write: Statement[Any]
    column: str
    instead: bytes = _NOTHING

    @classmethod
    def of(cls, row: Any, column: str, whose: Any, instead: bytes = _NOTHING) -> "_Text":
        found = select(col(row.id)).where(whose, table(row).c[column].is_not(None)).order_by(col(row.id))
        return cls(Scalar(found.with_for_update(), UUID), Statement(update_many(row, "id", column)), column, instead)

    async def empty(self, transaction: Connection, vault: Vault, **whose: object) -> int:
        ids = await self.rows.all(transaction, **whose)
        if ids:
            rows: Sequence[Mapping[str, object]] = [
                {"id": id_, self.column: vault.seal(self.instead, id_.bytes)} for id_ in ids
            ]
            await self.write.execute(transaction, **by_column(rows))
        return len(ids)


_IN_CASES = any_given("ids", Uuid)
_PROMISED = or_(
    col(CommitmentRow.complaint_id) == _IN_CASES, col(CommitmentRow.customer_id) == any_given("customers", Uuid)
)
_HOLD_PROMISES = Statement(
    select(col(CommitmentRow.id)).where(_PROMISED).order_by(col(CommitmentRow.id)).with_for_update()
)
_SAID: Final = {
    "history": _Text.of(EntryRow, "words", col(EntryRow.complaint_id) == _IN_CASES),
    "replies": _Text.of(ReplyLetterRow, "sealed", col(ReplyLetterRow.complaint_id) == _IN_CASES, _NO_REPLY),
    "files": _Text.of(EvidenceFileRow, "words", col(EvidenceFileRow.complaint_id) == _IN_CASES, _NO_FILE),
}
_PROMISES: Final = {
    "promises": _Text.of(CommitmentRow, "words", _PROMISED),
    "promise_reasons": _Text.of(CommitmentRow, "reason", _PROMISED),
    "confirmations": _Text.of(
        ConfirmationEntryRow,
        "words",
        col(ConfirmationEntryRow.commitment_id).in_(select(col(CommitmentRow.id)).where(_PROMISED)),
    ),
}
_OF_CASES: Final = {
    "letters_dropped": Statement(
        """
        WITH waiting AS (
            SELECT id FROM letter WHERE complaint_id = ANY(:ids::uuid[])
                AND state IN ('planned', 'held', 'to_read') ORDER BY id FOR UPDATE
        )
        UPDATE letter SET state = 'refused', reason = :reason, next_at = NULL FROM waiting WHERE letter.id = waiting.id
        """
    ),
    "replies_dropped": Statement(
        """
        WITH waiting AS (
            SELECT id FROM reply_letter WHERE complaint_id = ANY(:ids::uuid[])
                AND state IN ('planned', 'held', 'to_read', 'to_print') ORDER BY id FOR UPDATE
        )
        UPDATE reply_letter SET state = 'refused', reason = :reason, next_at = NULL
        FROM waiting WHERE reply_letter.id = waiting.id
        """
    ),
    "letter_references": Statement(
        """
        WITH sent AS (
            SELECT id FROM letter WHERE complaint_id = ANY(:ids::uuid[])
                AND (state = 'sending' OR reference IS NOT NULL) ORDER BY id FOR UPDATE
        )
        UPDATE letter SET reference = NULL,
            reason = CASE letter.state WHEN 'sending' THEN :reason ELSE letter.reason END
        FROM sent WHERE letter.id = sent.id
        """
    ),
    "reply_references": Statement(
        """
        WITH sent AS (
            SELECT id FROM reply_letter WHERE complaint_id = ANY(:ids::uuid[])
                AND (state = 'sending' OR reference IS NOT NULL) ORDER BY id FOR UPDATE
        )
        UPDATE reply_letter SET reference = NULL,
            reason = CASE reply_letter.state WHEN 'sending' THEN :reason ELSE reply_letter.reason END
        FROM sent WHERE reply_letter.id = sent.id
        """
    ),
}
_PAPERS = Statement(
    """
    UPDATE print_part SET sealed = NULL, tries = 3, lease_holder = NULL, lease_until = NULL
    WHERE letters && ARRAY(SELECT id FROM reply_letter WHERE complaint_id = ANY(:ids::uuid[]))
    """
)
"""By hand: arrays that overlap. A part that had its three tries is not set again; the others of it can be asked for."""
_CONTENTS = Statement(
    """
    UPDATE evidence_file SET state = 'removing', removed_at = :at
    WHERE complaint_id = ANY(:ids::uuid[]) AND state = 'kept'
    """
)
_TRACES = Statement(
    """
    WITH sketches AS (DELETE FROM case_sketch WHERE complaint_id = ANY(:ids::uuid[]))
    UPDATE case_trace SET grams = '{}', contact_trace = NULL WHERE complaint_id = ANY(:ids::uuid[])
    """
)
_FILES_LEFT = Scalar(
    """
    SELECT EXISTS (SELECT FROM evidence_file WHERE complaint_id = ANY(:ids::uuid[])
                   AND state IN ('storing', 'kept', 'removing'))
    """,
    bool,
)
_BEGIN = Statement(insert_one(ErasingRow, "erasure_id", "cases", "removed", "begun_at").on_conflict_do_nothing())
_BEGUN = Statement(
    select(*table(ErasingRow).c).order_by(col(ErasingRow.erasure_id)).limit(AT_ONCE).with_for_update(skip_locked=True),
    Erasing,
)
_END = Statement(delete(table(ErasingRow)).where(col(ErasingRow.erasure_id) == given("erasure_id")))
_CONTACTS = Statement("DELETE FROM contact WHERE customer_id = ANY(:customers::uuid[])")
_CONTACT_TRACES = Statement("DELETE FROM contact_trace WHERE customer_id = ANY(:customers::uuid[])")


async def begin(transaction: Connection, erasing: Erasing) -> None:
    """Has an erasure wait for the storage, so that it is confirmed when that has followed."""
    await _BEGIN.execute(transaction, **asdict(erasing))


async def begun(transaction: Connection) -> list[Erasing]:
    """The erasures that are not confirmed, held; those that somebody else looks at are left to them."""
    return await _BEGUN.all(transaction)


async def files_left(transaction: Connection, ids: Sequence[UUID], at: datetime) -> bool:
    """Whether a file of these cases is still stored; one that was on its way at the erasure is to go as well."""
    await _CONTENTS.execute(transaction, ids=list(ids), at=at)
    return await _FILES_LEFT.only(transaction, ids=list(ids))


async def end(transaction: Connection, erasure_id: UUID) -> None:
    """It is confirmed."""
    await _END.execute(transaction, erasure_id=erasure_id)


async def hold_promises(transaction: Connection, cases: Collection[UUID], customers: Collection[UUID]) -> None:
    """Holds what was promised in these cases, or to these customers without one."""
    await _HOLD_PROMISES.execute(transaction, ids=list(cases), customers=list(customers))


async def hold_cases(transaction: Connection, ids: Collection[UUID]) -> None:
    """Holds the cases, in the order of their ids."""
    await _HOLD_CASES.execute(transaction, ids=list(ids))


async def cases_of(reader: Reader, person_id: UUID, customers: Sequence[UUID]) -> list[UUID]:
    """The cases of a customer under all their ids, or of a complainant by one of theirs."""
    if customers:
        return await _OF_CUSTOMER.all(reader, customers=list(customers))
    return await _OF_COMPLAINANT.all(reader, id=person_id)


async def empty_cases(transaction: Connection, vault: Vault, ids: Sequence[UUID], at: datetime) -> dict[str, int]:
    """Empties what was said in held cases, and all by which they are found; what that was, and how many of it."""
    if not ids:
        return {}
    sealed = [
        {"id": row["id"], "words": _without_person(vault, row["id"], row["words"])}
        for row in await _WORDS.all(transaction, ids=ids)
    ]
    await _EMPTY_CASES.execute(transaction, **by_column(sealed))
    done = {"cases": len(sealed)}
    for what, each in _OF_CASES.items():
        done[what] = _count(await each.execute(transaction, ids=ids, reason=ERASED))
    done["papers"] = _count(await _PAPERS.execute(transaction, ids=ids))
    done["file_contents"] = _count(await _CONTENTS.execute(transaction, ids=ids, at=at))
    for what, text in _SAID.items():
        done[what] = await text.empty(transaction, vault, ids=ids)
    done["traces"] = _count(await _TRACES.execute(transaction, ids=ids))
    return done


async def empty_promises(
    transaction: Connection, vault: Vault, ids: Sequence[UUID], customers: Sequence[UUID]
) -> dict[str, int]:
    """Empties what was promised in these cases, or to the customer without one."""
    return {
        what: await text.empty(transaction, vault, ids=ids, customers=list(customers))
        for what, text in _PROMISES.items()
    }


async def forget_contacts(transaction: Connection, customers: Sequence[UUID]) -> dict[str, int]:
    """How a customer is reached under any of their ids, and by what their cases are found."""
    return {
        "contacts": _count(await _CONTACTS.execute(transaction, customers=list(customers))),
        "contact_traces": _count(await _CONTACT_TRACES.execute(transaction, customers=list(customers))),
    }


def _without_person(vault: Vault, id_: UUID, words: bytes) -> bytes:
    """Whom the case is against stays: it is somebody else."""
    against = orjson.loads(vault.open(words, id_.bytes))["against"]
    nothing = {"text": "", "wish": None, "complainant": None, "against": against}
    return vault.seal(orjson.dumps(nothing), id_.bytes)


def _count(done: str) -> int:
    return int(done.rsplit(maxsplit=1)[-1])
