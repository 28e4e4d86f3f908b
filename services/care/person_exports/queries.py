"""What care keeps of a customer: how they are reached, what they consented to, touches and messages."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

import orjson

from services.care.consent.store import proof_in, source_in
from services.care.context import Context
from shared import aliases
from shared.db import Connection
from shared.person_archive import Section
from shared.statement import Statement

_CONTACT: Final = Statement(
    "SELECT customer_id, sealed FROM contact WHERE customer_id = ANY(:ids::uuid[]) ORDER BY customer_id"
)
_CONSENTS: Final = Statement(
    """
    SELECT customer_id, channel, purpose, granted, at, source, sealed_source, sealed_proof FROM consent_history
    WHERE customer_id = ANY(:ids::uuid[]) ORDER BY id
    """
)
_TOUCHES: Final = Statement(
    """
    SELECT id, kind, role, contact, assignee_id, state, due_at, settled_at, minutes, record FROM task
    WHERE customer_id = ANY(:ids::uuid[]) ORDER BY due_at, id
    """
)
_MESSAGES: Final = Statement(
    """
    SELECT id, occasion, purpose, state, reason, channel, address, planned_at, sent_at FROM message
    WHERE customer_id = ANY(:ids::uuid[]) ORDER BY id
    """
)
_LOOKED_AT: Final = Statement(
    "SELECT made_at, made_by, what, purpose FROM audit_entry WHERE subject = ANY(:ids::uuid[]) ORDER BY audit_entry.id"
)


async def sections(context: Context, reader: Connection, person_id: UUID) -> dict[str, Section]:
    """Each section by its name."""
    vaults = context.vaults
    ids = (await aliases.together(reader, [person_id]))[person_id]
    return {
        "contact": [
            orjson.loads(vaults.contacts.open(row["sealed"], row["customer_id"].bytes))
            for row in await _CONTACT.all(reader, ids=ids)
        ],
        "consents": [_consent(context, **row) for row in _rows(await _CONSENTS.all(reader, ids=ids))],
        "touches": [_touch(context, **row) for row in _rows(await _TOUCHES.all(reader, ids=ids))],
        "messages": _rows(await _MESSAGES.all(reader, ids=ids)),
        "looked_at": _rows(await _LOOKED_AT.all(reader, ids=ids)),
    }


def _consent(
    context: Context,
    customer_id: UUID,
    source: str,
    sealed_source: bytes | None,
    sealed_proof: bytes | None,
    **choice: Any,
) -> Mapping[str, Any]:
    vault = context.vaults.consents
    said, proof = source_in(vault, customer_id, sealed_source, source), proof_in(vault, customer_id, sealed_proof)
    return {**choice, "source": said, "proof": proof}


def _touch(context: Context, record: bytes | None, **touch: Any) -> Mapping[str, Any]:
    said = orjson.loads(context.vaults.touches.open(record, touch["id"].bytes)) if record is not None else None
    return {**touch, "record": said}


def _rows(found: Iterable[Any]) -> list[dict[str, Any]]:
    return [dict(row.items()) for row in found]
