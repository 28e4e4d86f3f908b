"""Funds in the database; what is in one is the sum of its bookings."""

from collections.abc import Collection
from dataclasses import asdict, fields
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, func, select
from sqlmodel import col

from services.complaints.funds.domain import Fund, Vote, Withdrawal, WithdrawalState
from services.complaints.funds.tables import FundRow, FundVoteRow, FundWithdrawalRow
from services.complaints.ledger.tables import BookingRow
from shared.db import Connection
from shared.directory_schema import DEPARTMENT, STAFF
from shared.personal import Vault
from shared.statement import (
    Reader,
    Scalar,
    Statement,
    any_given,
    given,
    insert_one,
    table,
    update_many,
    upsert_many,
)

FIELDS: Final = tuple(field.name for field in fields(Withdrawal))
_CHANGES = ("version", "state", "ended_at", "ended_by")


def withdrawal_of(state: str, **row: Any) -> Withdrawal:
    return Withdrawal(state=WithdrawalState(state), **row)


_BEGIN = Statement(upsert_many(FundRow, "department_id", key=("department_id",)))
_HOLD = Statement(
    select(col(FundRow.department_id)).where(col(FundRow.department_id) == given("department_id")).with_for_update()
)
_BALANCE = Scalar(
    select(func.coalesce(func.sum(col(BookingRow.amount)), Decimal("0.00"))).where(
        col(BookingRow.department_id) == given("department_id")
    ),
    Decimal,
)
_ASKED = Scalar(
    select(func.coalesce(func.sum(col(FundWithdrawalRow.amount)), Decimal("0.00"))).where(
        col(FundWithdrawalRow.department_id) == given("department_id"),
        col(FundWithdrawalRow.state) == WithdrawalState.ASKED.value,
    ),
    Decimal,
)
_STAFF = Scalar(select(STAFF.c.id).where(STAFF.c.department_id == given("department_id"), STAFF.c.active), UUID)
_DEPARTMENT = Statement(select(DEPARTMENT.c.id, DEPARTMENT.c.manager_id).where(DEPARTMENT.c.id == given("id")))
_ADD = Statement(insert_one(FundWithdrawalRow, *FIELDS, "words"))
_ONE = Statement(
    select(*(table(FundWithdrawalRow).c[name] for name in FIELDS)).where(
        col(FundWithdrawalRow.id) == given("id"), col(FundWithdrawalRow.department_id) == given("department_id")
    ),
    withdrawal_of,
)
_ASKED_OF = Scalar(
    select(col(FundWithdrawalRow.department_id))
    .where(col(FundWithdrawalRow.state) == WithdrawalState.ASKED.value)
    .distinct()
    .order_by(col(FundWithdrawalRow.department_id)),
    UUID,
)
_WAITING = Statement(
    select(*(table(FundWithdrawalRow).c[name] for name in FIELDS))
    .where(
        col(FundWithdrawalRow.department_id) == given("department_id"),
        col(FundWithdrawalRow.state) == WithdrawalState.ASKED.value,
    )
    .order_by(col(FundWithdrawalRow.id)),
    withdrawal_of,
)
_SAVE = Statement(update_many(FundWithdrawalRow, "id", *_CHANGES))
_SAVE_REASON = Statement(update_many(FundWithdrawalRow, "id", *_CHANGES, "reason"))
_SAY = Statement(insert_one(FundVoteRow, "withdrawal_id", "staff_id", "agree", "at"))
_VOTES = Statement(
    select(col(FundVoteRow.withdrawal_id), col(FundVoteRow.staff_id), col(FundVoteRow.agree), col(FundVoteRow.at))
    .where(col(FundVoteRow.withdrawal_id) == any_given("ids", Uuid))
    .order_by(col(FundVoteRow.at), col(FundVoteRow.staff_id))
)


async def hold(transaction: Connection, department_id: UUID) -> None:
    """Holds a fund until the transaction ends: who asks or agrees does so after the other."""
    await _BEGIN.execute(transaction, department_id=[department_id])
    await _HOLD.execute(transaction, department_id=department_id)


async def read(reader: Reader, department_id: UUID) -> Fund:
    """A fund as it stands."""
    balance = await _BALANCE.only(reader, department_id=department_id)
    return Fund(department_id, balance, await _ASKED.only(reader, department_id=department_id))


async def staff(reader: Reader, department_id: UUID) -> set[UUID]:
    """Who is at work in a department."""
    return set(await _STAFF.all(reader, department_id=department_id))


async def manager(reader: Reader, department_id: UUID) -> tuple[bool, UUID | None]:
    """Whether the directory lists a department, and who manages it."""
    found = await _DEPARTMENT.one(reader, id=department_id)
    return found is not None, found["manager_id"] if found is not None else None


async def add(transaction: Connection, vault: Vault, new: Withdrawal, purpose: str) -> None:
    """Adds what somebody asks for, and for what, sealed."""
    await _ADD.execute(transaction, **asdict(new), words=vault.seal(purpose.encode(), new.id.bytes))


async def one(reader: Reader, department_id: UUID, id_: UUID) -> Withdrawal | None:
    """A withdrawal of a fund; None when there is none."""
    return await _ONE.one(reader, id=id_, department_id=department_id)


async def asked(reader: Reader) -> list[UUID]:
    """The departments of whose funds something is asked for and not settled, in order."""
    return await _ASKED_OF.all(reader)


async def waiting(reader: Reader, department_id: UUID) -> list[Withdrawal]:
    """What is asked for of a fund and not settled, the earliest first."""
    return await _WAITING.all(reader, department_id=department_id)


async def save(transaction: Connection, changed: Withdrawal) -> None:
    """Writes what became of a withdrawal of a held fund."""
    await _SAVE.execute(transaction, **_changes(changed))


async def save_with_reason(transaction: Connection, vault: Vault, changed: Withdrawal, reason: str) -> None:
    """The same, and why, sealed."""
    sealed = vault.seal(reason.encode(), changed.id.bytes)
    await _SAVE_REASON.execute(transaction, **_changes(changed), reason=[sealed])


def _changes(changed: Withdrawal) -> dict[str, list[Any]]:
    return {name: [getattr(changed, name)] for name in ("id", *_CHANGES)}


async def say(transaction: Connection, withdrawal_id: UUID, vote: Vote) -> None:
    """Adds what somebody said about a withdrawal of a held fund."""
    await _SAY.execute(transaction, withdrawal_id=withdrawal_id, **asdict(vote))


async def votes_of(reader: Reader, ids: Collection[UUID]) -> dict[UUID, list[Vote]]:
    """What was said about each of these withdrawals, in order."""
    found: dict[UUID, list[Vote]] = {id_: [] for id_ in ids}
    for row in await _VOTES.all(reader, ids=list(ids)):
        found[row["withdrawal_id"]].append(Vote(row["staff_id"], row["agree"], row["at"]))
    return found
