"""Reading and writing what of a held case can be put right."""

from uuid import UUID

import orjson
from sqlalchemy import select, update
from sqlmodel import col

from services.complaints.cases.domain import Words
from services.complaints.cases.tables import ComplaintRow
from services.complaints.corrections.domain import Entered
from shared.db import Connection
from shared.personal import Vault
from shared.statement import Reader, Scalar, Statement, given, table

_WRITTEN = ("customer_id", "subject", "against_type", "against_id", "batch", "words", "tracking_generation")
_ENTERED = ("kind", "recorded_at", *_WRITTEN)
_OF_ONE = col(ComplaintRow.id) == given("id")
_READ = Statement(select(*(table(ComplaintRow).c[name] for name in _ENTERED)).where(_OF_ONE))
_CORRECT = Statement(
    update(table(ComplaintRow))
    .values({name: given(f"new_{name}", table(ComplaintRow).c[name].type) for name in _WRITTEN})
    .where(_OF_ONE)
)
_ACCOUNTABLE = Scalar(
    """
    SELECT CASE :type::text
        WHEN 'person' THEN :id::uuid
        WHEN 'department' THEN (SELECT manager_id FROM directory_department WHERE id = :id::uuid)
        ELSE :answers_id::uuid
    END
    """,
    UUID,
)
"""By hand, as recording says it (`intake/store.py`)."""


async def read(transaction: Connection, vault: Vault, id_: UUID) -> Entered:
    """What was entered of a held case."""
    row = await _READ.one(transaction, id=id_)
    assert row is not None  # noqa: S101  the caller holds it
    fields = dict(row.items())
    words = Words(**orjson.loads(vault.open(fields.pop("words"), id_.bytes)))
    return Entered(**fields, words=words)


async def correct(transaction: Connection, vault: Vault, id_: UUID, entered: Entered) -> None:
    """Writes what is right of a held case, its words sealed anew."""
    await _CORRECT.execute(
        transaction,
        id=id_,
        new_customer_id=entered.customer_id,
        new_subject=entered.subject,
        new_against_type=entered.against_type,
        new_against_id=entered.against_id,
        new_batch=entered.batch,
        new_tracking_generation=entered.tracking_generation,
        new_words=vault.seal(orjson.dumps(entered.words), id_.bytes),
    )


async def accountable_for(
    reader: Reader, against_type: str | None, against_id: UUID | None, answers_id: UUID | None
) -> UUID | None:
    """Who answers for a case against that (`answers_id` for the product); nobody until a notice names somebody."""
    return await _ACCOUNTABLE.one(reader, type=against_type, id=against_id, answers_id=answers_id)
