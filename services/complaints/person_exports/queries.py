"""What complaints keeps of a customer, or of a complainant by one of their cases: cases with all that was said."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

import orjson

from services.complaints.cases.store import details
from services.complaints.context import Context
from shared import aliases
from shared.db import Connection
from shared.person_archive import Section
from shared.statement import Statement

_CASES: Final = Statement(
    """
    SELECT id, number, kind, subject, channel, state, recorded_at, answered_at, resolved_at, closed_at, words, details
    FROM complaint
    WHERE customer_id = ANY(:ids::uuid[]) OR (id = ANY(:ids::uuid[]) AND customer_id IS NULL) OR id IN (
        SELECT other.complaint_id FROM case_trace own JOIN case_trace other ON other.contact_trace = own.contact_trace
        WHERE own.complaint_id = ANY(:ids::uuid[]) AND own.contact_trace IS NOT NULL
    )
    ORDER BY recorded_at, id
    """
)
"""By hand: of a complainant every case that the same phone or address was given with, as an erasure takes them."""
_HISTORY: Final = Statement(
    """
    SELECT id, complaint_id, what, at, words FROM case_entry
    WHERE complaint_id = ANY(:cases::uuid[]) ORDER BY complaint_id, id
    """
)
_REPLIES: Final = Statement(
    """
    SELECT id, complaint_id, state, channel, written_at, sealed AS words FROM reply_letter
    WHERE complaint_id = ANY(:cases::uuid[]) ORDER BY complaint_id, id
    """
)
_FILES: Final = Statement(
    """
    SELECT id, complaint_id, state, media_type, size, added_at, words FROM evidence_file
    WHERE complaint_id = ANY(:cases::uuid[]) ORDER BY complaint_id, id
    """
)
_PROMISES: Final = Statement(
    """
    SELECT id, complaint_id, code, state, made_at, due_at, words, reason FROM commitment
    WHERE customer_id = ANY(:ids::uuid[]) ORDER BY made_at, id
    """
)
_CONFIRMATIONS: Final = Statement(
    """
    SELECT e.id, e.commitment_id, e.what, e.at, e.words FROM confirmation_entry e
    JOIN commitment c ON c.id = e.commitment_id WHERE c.customer_id = ANY(:ids::uuid[]) ORDER BY e.commitment_id, e.id
    """
)
_LOOKED_AT: Final = Statement(
    "SELECT made_at, made_by, what, purpose FROM audit_entry WHERE subject = ANY(:ids::uuid[]) ORDER BY audit_entry.id"
)


async def sections(context: Context, reader: Connection, person_id: UUID) -> dict[str, Section]:
    """Each section by its name; contents of files are saved one by one, from the case."""
    ids = (await aliases.together(reader, [person_id]))[person_id]
    cases = _rows(await _CASES.all(reader, ids=ids))
    of_cases: Sequence[UUID] = [case["id"] for case in cases]
    return {
        "cases": [_case(context, **case) for case in cases],
        "history": [_text(context, **row) for row in _rows(await _HISTORY.all(reader, cases=of_cases))],
        "replies": [_document(context, **row) for row in _rows(await _REPLIES.all(reader, cases=of_cases))],
        "files": [_document(context, **row) for row in _rows(await _FILES.all(reader, cases=of_cases))],
        "promises": [_promise(context, **row) for row in _rows(await _PROMISES.all(reader, ids=ids))],
        "confirmations": [_text(context, **row) for row in _rows(await _CONFIRMATIONS.all(reader, ids=ids))],
        "looked_at": _rows(await _LOOKED_AT.all(reader, ids=ids)),
    }


def _case(context: Context, words: bytes, **case: Any) -> Mapping[str, Any]:
    id_: UUID = case["id"]
    said: dict[str, Any] = orjson.loads(context.words.open(words, id_.bytes))
    more = asdict(details.opened(context.words, id_, case.pop("details")))
    return {**case, **said, **more}


def _text(context: Context, words: bytes | None, **row: Any) -> Mapping[str, Any]:
    return {**row, "text": None if words is None else context.words.open(words, row["id"].bytes).decode()}


def _promise(context: Context, reason: bytes | None, **row: Any) -> Mapping[str, Any]:
    return {**_text(context, **row), "reason": _text(context, reason, id=row["id"])["text"]}


def _document(context: Context, words: bytes, **row: Any) -> Mapping[str, Any]:
    said: dict[str, Any] = orjson.loads(context.words.open(words, row["id"].bytes))
    return {**row, **said}


def _rows(found: Iterable[Any]) -> list[dict[str, Any]]:
    return [dict(row.items()) for row in found]
