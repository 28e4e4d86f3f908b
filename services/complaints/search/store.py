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
from shared.statement import Scalar, Statement, any_given, by_column, upsert_many

_WORDS = Statement(
    select(
        col(ComplaintRow.id),
        col(ComplaintRow.number),
        col(ComplaintRow.recorded_at).label("at"),
        col(ComplaintRow.words),
    )
    .where(col(ComplaintRow.id) == any_given("ids", Uuid))
    .order_by(col(ComplaintRow.id))
    .with_for_update(read=True, key_share=True)
)
"""Held against an erasure alone: what it empties is not found by what was said before."""
_KEEP = Scalar(
    """
    INSERT INTO case_trace (complaint_id, at, number_reversed, contact_trace, grams)
    SELECT complaint_id, at, reverse(number), contact_trace, grams::bigint[]
    FROM unnest(:complaint_id::uuid[], :at::timestamptz[], :number::text[], :contact_trace::bytea[],
                :grams::text[]) AS given(complaint_id, at, number, contact_trace, grams)
    ORDER BY complaint_id
    ON CONFLICT (complaint_id) DO UPDATE
    SET contact_trace = EXCLUDED.contact_trace,
        grams = ARRAY(SELECT DISTINCT unnest(case_trace.grams || EXCLUDED.grams) ORDER BY 1)
    WHERE NOT case_trace.grams @> EXCLUDED.grams OR case_trace.contact_trace IS DISTINCT FROM EXCLUDED.contact_trace
    RETURNING complaint_id
    """,
    UUID,
)
"""By hand: the hashes of a case are an array, which unnest would flatten, so they come as text. What was kept stays,
for something may have been said meanwhile; what is found by it in vain is seen when it is unsealed. What is kept
already is not written again."""
_ADD = Statement(
    """
    INSERT INTO case_trace (complaint_id, at, number_reversed, grams)
    SELECT c.id, c.recorded_at, reverse(c.number), :grams::bigint[] FROM complaint c WHERE c.id = :id
    ON CONFLICT (complaint_id) DO UPDATE
    SET grams = ARRAY(SELECT DISTINCT unnest(case_trace.grams || EXCLUDED.grams) ORDER BY 1)
    WHERE NOT case_trace.grams @> EXCLUDED.grams
    """
)
"""By hand: something may be said of a case before its recording is heard of."""
_FORGET = Statement(
    """
    DELETE FROM contact_trace c WHERE c.customer_id = ANY(:ids::uuid[]) AND NOT EXISTS (
        SELECT FROM unnest(:trace::bytea[], :customer_id::uuid[]) AS still (trace, id)
        WHERE still.trace = c.trace AND still.id = c.customer_id
    )
    """
)
_REACHED = Statement(upsert_many(ContactTraceRow, "trace", "customer_id", key=("trace", "customer_id")))


async def add(transaction: Connection, traces: Vault, id_: UUID, text: str) -> None:
    """A case is found by this, too: by what was answered, written down, done."""
    grams = hashes_of(traces.digest, [text])
    if grams:
        await _ADD.execute(transaction, id=id_, grams=grams)


async def keep_reached(transaction: Connection, traces: Vault, reached: Mapping[UUID, Iterable[str]]) -> None:
    """Keeps by which phones and addresses customers are reached now, and by no others."""
    rows = sorted({(contact_trace(traces, each), id_) for id_, contacts in reached.items() for each in contacts})
    columns = {"trace": [trace for trace, _ in rows], "customer_id": [id_ for _, id_ in rows]}
    await _FORGET.execute(transaction, ids=list(reached), **columns)
    if rows:
        await _REACHED.execute(transaction, **columns)


async def keep(transaction: Connection, words: Vault, traces: Vault, ids: Sequence[UUID]) -> list[UUID]:
    """Keeps by what these cases are found, from their words as they are now; those of which that was not kept yet."""
    rows = [_row(words, traces, **row) for row in await _WORDS.all(transaction, ids=ids)]
    return await _KEEP.all(transaction, **by_column(rows)) if rows else []


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
