"""Notices of fault and their costs in the database. The internal case is held whenever one of them is written."""

from dataclasses import asdict, fields
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, select, update
from sqlmodel import col

from services.complaints.faults.domain import FaultCost, FaultNotice
from services.complaints.faults.tables import FAULT_NOTICE_NUMBERS, FaultCostRow, FaultNoticeRow
from services.complaints.ledger.tables import BookingRow
from shared.db import Connection
from shared.personal import Vault
from shared.statement import Reader, Scalar, Statement, any_given, given, insert_one, table

_NOTICE = tuple(field.name for field in fields(FaultNotice))
_SERIAL = Scalar(select(FAULT_NOTICE_NUMBERS.next_value()), int)
_ADD_NOTICE = Statement(insert_one(FaultNoticeRow, *_NOTICE))
_READ_NOTICE = Statement(
    select(*(table(FaultNoticeRow).c[name] for name in _NOTICE)).where(
        col(FaultNoticeRow.internal_id) == given("internal_id")
    ),
    FaultNotice,
)
_NOTICES_TO = Statement(
    select(*(table(FaultNoticeRow).c[name] for name in _NOTICE))
    .where(col(FaultNoticeRow.to_id) == given("to_id"))
    .order_by(col(FaultNoticeRow.internal_id).desc())
    .limit(given("most")),
    FaultNotice,
)
_MOVE = Statement(
    update(table(FaultNoticeRow))
    .values(version=given("version"))
    .where(col(FaultNoticeRow.internal_id) == given("internal_id"))
)
_REISSUE = Statement(
    update(table(FaultNoticeRow))
    .values(number=given("number"), to_id=given("to_id"), issued_at=given("issued_at"))
    .where(col(FaultNoticeRow.internal_id) == given("internal_id"))
)
_ADD_COST = Statement(
    insert_one(FaultCostRow, "id", "internal_id", "amount", "decided_at", "decided_by", "booking_id", "words")
)
_COSTS = Statement(
    select(*table(FaultCostRow).c, col(BookingRow.person_id))
    .join(BookingRow, col(BookingRow.id) == col(FaultCostRow.booking_id))
    .where(col(FaultCostRow.internal_id) == any_given("internal_ids", Uuid))
    .order_by(col(FaultCostRow.id))
)
_REVERSE = Statement(
    update(table(FaultCostRow))
    .values(reversed_at=given("reversed_at"), reversed_by=given("reversed_by"), reversal_words=given("reversal_words"))
    .where(col(FaultCostRow.id) == given("id"))
)


async def next_serial(transaction: Connection) -> int:
    """The next count of notices of fault; one that is not used is left out."""
    return await _SERIAL.only(transaction)


async def add_notice(transaction: Connection, notice: FaultNotice) -> None:
    await _ADD_NOTICE.execute(transaction, **asdict(notice))


async def notice_of(reader: Reader, internal_id: UUID) -> FaultNotice | None:
    """The notice of fault of an internal case; None where it came of no promise."""
    return await _READ_NOTICE.one(reader, internal_id=internal_id)


async def move(transaction: Connection, notice: FaultNotice) -> None:
    """Writes the version of a notice in a held case."""
    await _MOVE.execute(transaction, internal_id=notice.internal_id, version=notice.version)


async def reissue(transaction: Connection, notice: FaultNotice) -> None:
    """Writes a notice in a held case in the place of the one that was somebody else's."""
    await _REISSUE.execute(
        transaction,
        internal_id=notice.internal_id,
        number=notice.number,
        to_id=notice.to_id,
        issued_at=notice.issued_at,
    )


async def notices_to(reader: Reader, to_id: UUID, most: int) -> list[FaultNotice]:
    """The notices of fault to somebody, the latest first."""
    return await _NOTICES_TO.all(reader, to_id=to_id, most=most)


async def costs_of(reader: Reader, vault: Vault, *internal_ids: UUID) -> list[FaultCost]:
    """What was decided in internal cases, in its order, what was taken back, too."""
    return [_unsealed(vault, **row) for row in await _COSTS.all(reader, internal_ids=list(internal_ids))]


def _unsealed(vault: Vault, *, words: bytes, reversal_words: bytes | None, **cost: Any) -> FaultCost:
    key = cost["id"].bytes
    back = vault.open(reversal_words, key).decode() if reversal_words is not None else None
    return FaultCost(**cost, reason=vault.open(words, key).decode(), reversal_reason=back)


async def add_cost(transaction: Connection, vault: Vault, cost: FaultCost) -> None:
    await _ADD_COST.execute(
        transaction,
        id=cost.id,
        internal_id=cost.internal_id,
        amount=cost.amount,
        decided_at=cost.decided_at,
        decided_by=cost.decided_by,
        booking_id=cost.booking_id,
        words=vault.seal(cost.reason.encode(), cost.id.bytes),
    )


async def reverse(transaction: Connection, vault: Vault, cost: FaultCost) -> None:
    """Writes that a cost was taken back, by whom and why."""
    sealed = vault.seal((cost.reversal_reason or "").encode(), cost.id.bytes)
    await _REVERSE.execute(
        transaction,
        id=cost.id,
        reversed_at=cost.reversed_at,
        reversed_by=cost.reversed_by,
        reversal_words=sealed,
    )
