"""Internal cases in the database."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from uuid import UUID

from sqlalchemy import Uuid, exists, select, update
from sqlmodel import col

from services.complaints.cases.tables import ComplaintRow
from services.complaints.evidence.domain.files import FileState
from services.complaints.evidence.tables import EvidenceFileRow
from services.complaints.internal_cases.domain import TRADE, InternalCase
from services.complaints.internal_cases.tables import InternalCaseRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, any_given, given, insert_many, insert_one, table

_ADD = Statement(insert_one(InternalCaseRow, *table(InternalCaseRow).c.keys()))
_READ = Statement(
    select(*(table(InternalCaseRow).c[field.name] for field in fields(InternalCase))).where(
        col(InternalCaseRow.complaint_id) == given("id")
    ),
    InternalCase,
)
_SAVE = Statement(
    update(table(InternalCaseRow))
    .values(type=given("type"), found_in=given("found_in"), region_id=given("region_id"))
    .where(col(InternalCaseRow.complaint_id) == given("complaint_id"))
)
_AGAINST_STORE = Scalar(
    select(col(ComplaintRow.id)).where(
        col(ComplaintRow.id) == given("id"),
        col(ComplaintRow.against_type) == "store",
        col(ComplaintRow.against_id) == col(ComplaintRow.customer_id),
    ),
    UUID,
)
_LACKS_EVIDENCE = Scalar(
    select(
        exists().where(col(InternalCaseRow.complaint_id) == given("id"), col(InternalCaseRow.type).in_(TRADE))
        & ~exists().where(
            col(EvidenceFileRow.complaint_id) == given("id"), col(EvidenceFileRow.state) == FileState.KEPT.value
        )
    ),
    bool,
)
_ADD_OTHERS = Statement(
    insert_many(InternalCaseRow, "complaint_id", type="other").on_conflict_do_nothing(index_elements=["complaint_id"])
)
_OF_COMMITMENTS = Statement(
    select(col(InternalCaseRow.complaint_id), col(InternalCaseRow.commitment_id)).where(
        col(InternalCaseRow.commitment_id) == any_given("commitment_ids", Uuid)
    )
)
_OF_COMMITMENT = Scalar(
    select(col(InternalCaseRow.complaint_id)).where(col(InternalCaseRow.commitment_id) == given("commitment_id")), UUID
)


async def read(reader: Reader, id_: UUID) -> InternalCase | None:
    """What an internal case is about; None where no internal case has this id."""
    return await _READ.one(reader, id=id_)


async def save(transaction: Connection, internal: InternalCase) -> None:
    """Writes what was corrected of a held case."""
    await _SAVE.execute(
        transaction,
        complaint_id=internal.complaint_id,
        type=internal.type,
        found_in=internal.found_in,
        region_id=internal.region_id,
    )


async def is_against_store(reader: Reader, id_: UUID) -> bool:
    """Whether a case is against a store."""
    return await _AGAINST_STORE.one(reader, id=id_) is not None


async def lacks_evidence(reader: Reader, id_: UUID) -> bool:
    """Whether a case needs evidence and no file of it is kept."""
    return await _LACKS_EVIDENCE.only(reader, id=id_)


async def add(transaction: Connection, internal: InternalCase) -> None:
    """Says what a case is about that this transaction has recorded."""
    await _ADD.execute(transaction, **asdict(internal))


async def add_others(transaction: Connection, ids: Sequence[UUID]) -> None:
    """Keeps these as internal cases of no certain type; those that say what they are about stay as they are."""
    if ids:
        await _ADD_OTHERS.execute(transaction, complaint_id=list(ids))


async def of_commitment(reader: Reader, commitment_id: UUID) -> UUID | None:
    """The internal case that settles what a promise cost; None where there is none."""
    return await _OF_COMMITMENT.one(reader, commitment_id=commitment_id)


async def of_commitments(reader: Reader, commitment_ids: Sequence[UUID]) -> list[UUID]:
    """The internal cases that settle what these promises cost."""
    return [row["complaint_id"] for row in await _OF_COMMITMENTS.all(reader, commitment_ids=list(commitment_ids))]
