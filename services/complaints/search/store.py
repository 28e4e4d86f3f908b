"""Keeping by what cases are found."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Uuid, select
from sqlmodel import col

from services.complaints.cases.tables import ComplaintRow
from services.complaints.search.domain import contact_of, texts_of
from services.complaints.search.tables import ContactTraceRow
from shared.bigrams import hashes_of
from shared.db import Connection
from shared.personal import Vault
from shared.phones import without_extension
from shared.statement import Statement, any_given, by_column, upsert_many

_WORDS = Statement(
    select(
        col(ComplaintRow.id),
        col(ComplaintRow.number),
        col(ComplaintRow.recorded_at).label("at"),
        col(ComplaintRow.words),
    ).where(col(ComplaintRow.id) == any_given("ids", Uuid))
)
_KEEP = Statement(
    """
    INSERT INTO case_trace (complaint_id, at, number_reversed, contact_trace, grams)
    SELECT complaint_id, at, reverse(number), contact_trace, grams::bigint[]
    FROM unnest(:complaint_id::uuid[], :at::timestamptz[], :number::text[], :contact_trace::bytea[],
                :grams::text[]) AS given(complaint_id, at, number, contact_trace, grams)
    ORDER BY complaint_id
    ON CONFLICT (complaint_id) DO UPDATE
    SET contact_trace = EXCLUDED.contact_trace,
        grams = ARRAY(SELECT DISTINCT unnest(case_trace.grams || EXCLUDED.grams) ORDER BY 1)
    """
)
"""By hand: the hashes of a case are an array, which unnest would flatten, so they come as text. What was kept stays,
for something may have been said meanwhile; what is found by it in vain is seen when it is unsealed."""
_ADD = Statement(
    """
    INSERT INTO case_trace (complaint_id, at, number_reversed, grams)
    SELECT c.id, c.recorded_at, reverse(c.number), :grams::bigint[] FROM complaint c WHERE c.id = :id
    ON CONFLICT (complaint_id) DO UPDATE
    SET grams = ARRAY(SELECT DISTINCT unnest(case_trace.grams || EXCLUDED.grams) ORDER BY 1)
    """
)
"""By hand: something may be said of a case before its recording is heard of."""
_FORGET = Statement("DELETE FROM contact_trace WHERE customer_id = ANY(:ids::uuid[])")
_REACHED = Statement(upsert_many(ContactTraceRow, "trace", "customer_id", key=("trace", "customer_id")))


async def add(transaction: Connection, traces: Vault, id_: UUID, text: str) -> None:
    """A case is found by this, too: by what was answered, written down, done."""
    grams = hashes_of(traces.digest, [text])
    if grams:
        await _ADD.execute(transaction, id=id_, grams=grams)


async def keep_reached(transaction: Connection, traces: Vault, reached: Mapping[UUID, Iterable[str]]) -> None:
    """Keeps by which phones and addresses customers are reached now, and by no others."""
    await _FORGET.execute(transaction, ids=list(reached))
    rows = {(contact_trace(traces, each), id_) for id_, contacts in reached.items() for each in contacts}
    if rows:
        await _REACHED.execute(
            transaction, **by_column({"trace": trace, "customer_id": id_} for trace, id_ in sorted(rows))
        )


async def keep(transaction: Connection, words: Vault, traces: Vault, ids: Sequence[UUID]) -> None:
    """Keeps by what these cases are found, from their words as they are now."""
    rows = [_row(words, traces, **row) for row in await _WORDS.all(transaction, ids=ids)]
    if rows:
        await _KEEP.execute(transaction, **by_column(rows))


def _row(vault: Vault, traces: Vault, *, id: UUID, words: bytes, **row: Any) -> Mapping[str, object]:
    said = orjson.loads(vault.open(words, id.bytes))
    contact = contact_of(said)
    return {
        "complaint_id": id,
        "contact_trace": contact_trace(traces, contact) if contact else None,
        "grams": _array(hashes_of(traces.digest, texts_of(said))),
        **row,
    }


def contact_trace(traces: Vault, contact: str) -> bytes:
    """The blind index of a phone number in E.164, without its extension, or of an e-mail address."""
    if "@" in contact:
        return traces.digest(f"email:{contact.lower()}".encode())
    return traces.digest(f"phone:{without_extension(contact)}".encode())


def _array(numbers: Iterable[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"
