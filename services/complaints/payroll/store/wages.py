"""Wages in the database, sealed: the row's person and version are bound in."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.complaints.payroll.domain.payroll import Wage
from services.complaints.payroll.tables import WageRow
from shared.db import Connection
from shared.personal import Vault
from shared.statement import Reader, Statement, if_given, insert_one, table

_KEPT: Final = ("staff_id", "version", "from_month", "sealed", "entered_by", "entered_at")
_ALL = select(*(table(WageRow).c[name] for name in _KEPT)).order_by(col(WageRow.staff_id), col(WageRow.version))
_KNOWN = Statement(_ALL.where(if_given(table(WageRow).c.staff_id)))
_HOLD = Statement("LOCK TABLE wage IN SHARE ROW EXCLUSIVE MODE")
_ADD = Statement(insert_one(WageRow, *_KEPT))


async def of_all(reader: Reader, vault: Vault, staff_id: UUID | None = None) -> dict[UUID, list[Wage]]:
    """What was entered of everybody, or of one person, in order."""
    found: dict[UUID, list[Wage]] = {}
    for row in await _KNOWN.all(reader, staff_id=staff_id):
        found.setdefault(row["staff_id"], []).append(_opened(vault, **row))
    return found


async def of_staff(reader: Reader, vault: Vault, staff_id: UUID) -> list[Wage]:
    """What was entered of one person, in order."""
    return (await of_all(reader, vault, staff_id)).get(staff_id, [])


async def hold(transaction: Connection) -> None:
    """Lets nobody else enter a wage until the transaction ends."""
    await _HOLD.execute(transaction)


async def add(transaction: Connection, vault: Vault, wage: Wage) -> None:
    """Adds what was entered of a person."""
    sealed = vault.seal(str(wage.monthly).encode(), _identity(wage.staff_id, wage.version))
    await _ADD.execute(
        transaction,
        staff_id=wage.staff_id,
        version=wage.version,
        from_month=wage.from_month,
        sealed=sealed,
        entered_by=wage.entered_by,
        entered_at=wage.entered_at,
    )


def _opened(vault: Vault, *, sealed: bytes, **kept: Any) -> Wage:
    monthly = vault.open(sealed, _identity(kept["staff_id"], kept["version"])).decode()
    return Wage(monthly=Decimal(monthly), **kept)


def _identity(staff_id: UUID, version: int) -> bytes:
    return staff_id.bytes + version.to_bytes(4, "big")


def latest_version(wages: Sequence[Wage]) -> int:
    """Of what was entered of a person; 0 when nothing was."""
    return wages[-1].version if wages else 0
