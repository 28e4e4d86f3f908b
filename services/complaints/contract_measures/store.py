"""Measures by contract in the database. The internal case is held whenever one of its measures is written."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, func, or_, select, update
from sqlmodel import col

from services.complaints.cases.tables import ComplaintRow
from services.complaints.contract_measures.domain import ContractMeasure, MeasureCode
from services.complaints.contract_measures.tables import ContractMeasureRow, MeasureCodeRow
from services.complaints.history.domain import CORRECTED
from services.complaints.history.tables import EntryRow
from shared.db import Connection
from shared.personal import Vault
from shared.statement import Reader, Scalar, Statement, by_column, given, insert_one, table, upsert_many

_ADD = Statement(
    insert_one(
        ContractMeasureRow,
        "id", "internal_id", "code", "decided_by", "decided_on", "recorded_at", "recorded_by", "words",
    )
)  # fmt: skip
_OF_CASE = Statement(
    select(*table(ContractMeasureRow).c)
    .where(col(ContractMeasureRow.internal_id) == given("internal_id"))
    .order_by(col(ContractMeasureRow.id))
)
_WITHDRAW = Statement(
    update(table(ContractMeasureRow))
    .values(withdrawn_at=given("withdrawn_at"), withdrawn_by=given("withdrawn_by"), reason=given("reason"))
    .where(col(ContractMeasureRow.id) == given("id"))
)
_RECORDED_AT = Scalar(select(col(ComplaintRow.recorded_at)).where(col(ComplaintRow.id) == given("id")), datetime)
_JUDGED: Final = "judged"
_HEARD_LAST = Scalar(
    select(col(EntryRow.what))
    .where(
        col(EntryRow.complaint_id) == given("id"),
        or_(
            col(EntryRow.what) == _JUDGED,
            and_(col(EntryRow.what) == CORRECTED, func.jsonb_exists(col(EntryRow.changes), "against_id")),
        ),
    )
    .order_by(col(EntryRow.id).desc())
    .limit(1),
    str,
)
_CODE_COLUMNS = table(MeasureCodeRow).c
_CODE = Statement(
    select(*_CODE_COLUMNS).where(col(MeasureCodeRow.code) == given("code")).with_for_update(), MeasureCode
)
_KEEP_CODE = Statement(upsert_many(MeasureCodeRow, *_CODE_COLUMNS.keys(), key=["code"]))
_USABLE = Scalar(
    select(col(MeasureCodeRow.code)).where(col(MeasureCodeRow.code) == given("code"), col(MeasureCodeRow.active)), str
)


async def add(transaction: Connection, vault: Vault, measure: ContractMeasure) -> None:
    """Adds a measure, its words sealed."""
    columns = asdict(measure)
    for name in ("withdrawn_at", "withdrawn_by", "reason"):
        columns.pop(name)
    text: str | None = columns.pop("text")
    words = vault.seal(text.encode(), measure.id.bytes) if text is not None else None
    await _ADD.execute(transaction, **columns, words=words)


async def of_case(reader: Reader, vault: Vault, internal_id: UUID) -> list[ContractMeasure]:
    """The measures of an internal case in their order, those withdrawn, too."""
    return [_unsealed(vault, **row) for row in await _OF_CASE.all(reader, internal_id=internal_id)]


def _unsealed(vault: Vault, *, words: bytes | None, reason: bytes | None, **measure: Any) -> ContractMeasure:
    def opened(sealed: bytes | None) -> str | None:
        return vault.open(sealed, measure["id"].bytes).decode() if sealed is not None else None

    return ContractMeasure(**measure, text=opened(words), reason=opened(reason))


async def withdraw(transaction: Connection, vault: Vault, measure: ContractMeasure) -> None:
    """Writes that a measure was withdrawn, by whom and why."""
    await _WITHDRAW.execute(
        transaction,
        id=measure.id,
        withdrawn_at=measure.withdrawn_at,
        withdrawn_by=measure.withdrawn_by,
        reason=vault.seal((measure.reason or "").encode(), measure.id.bytes),
    )


async def recorded_at(reader: Reader, internal_id: UUID) -> datetime:
    """When a case was recorded that is there."""
    return await _RECORDED_AT.only(reader, id=internal_id)


async def judged_of_another(reader: Reader, internal_id: UUID) -> bool:
    """Whether a case has come to be against somebody else since it was judged."""
    return await _HEARD_LAST.one(reader, id=internal_id) == CORRECTED


async def usable(reader: Reader, code: str) -> bool:
    """Whether this can be done."""
    return await _USABLE.one(reader, code=code) is not None


async def lock_code(transaction: Connection, code: str) -> MeasureCode | None:
    """The code as it stands, held."""
    return await _CODE.one(transaction, code=code)


async def keep_code(transaction: Connection, code: MeasureCode) -> None:
    """Adds a code, or changes what is kept of it."""
    await _KEEP_CODE.execute(transaction, **by_column([asdict(code)]))
