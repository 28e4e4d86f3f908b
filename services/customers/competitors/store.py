"""Competitors in the database; what was said of them is sealed on the way in and opened on the way out."""

from dataclasses import fields
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson
from asyncpg import Record
from sqlalchemy import select
from sqlmodel import col

from services.customers.competitors.domain import Competitor, CompetitorTaken, ElsewhereReport, Sighting, Withdrawal
from services.customers.competitors.tables import CompetitorRow, ElsewhereReportRow, SightingRow
from services.customers.heads.store.visibility import sees
from shared.db import Connection
from shared.personal import Vault
from shared.statement import Reader, Scalar, Statement, given, insert_one, table, update_many

SAID: Final = ("strengths", "note")
_OPEN: Final = tuple(each.name for each in fields(Competitor) if each.name not in SAID)
_WITHDRAWN: Final = ("withdrawn_at", "withdrawn_by", "withdrawal_words")
_SIGHTED: Final = tuple(each.name for each in fields(Sighting) if each.name not in ("offer", "withdrawn"))
_REPORTED: Final = tuple(each.name for each in fields(ElsewhereReport) if each.name not in ("note", "withdrawn"))
SIGHTING: Final = (*_SIGHTED, "words", *_WITHDRAWN)
REPORT: Final = (*_REPORTED, "words", *_WITHDRAWN)
COMPETITORS: Final = select(*(table(CompetitorRow).c[name] for name in (*_OPEN, "words")))
_ADD: Final = Statement(insert_one(CompetitorRow, *_OPEN, "words"))
_SAVE: Final = Statement(
    """
    UPDATE competitor SET version = :version, name = :name, brands = :brands::text[], words = :words WHERE id = :id
    """
)
"""By hand: an array of arrays cannot be unnested."""
_LOCKED: Final = Statement(COMPETITORS.where(col(CompetitorRow.id) == given("id")).with_for_update())
_IS_THERE: Final = Scalar(select(col(CompetitorRow.id)).where(col(CompetitorRow.id) == given("id")), UUID)
_ADD_SIGHTING: Final = Statement(insert_one(SightingRow, *_SIGHTED, "words"))
_ADD_REPORT: Final = Statement(insert_one(ElsewhereReportRow, *_REPORTED, "words"))
_LOCK_SIGHTING: Final = Statement(
    """
    SELECT {columns} FROM competitor_sighting s JOIN customer c ON c.id = s.customer_id WHERE s.id = :id AND {seen}
    FOR NO KEY UPDATE OF c, s
    """,
    columns=", ".join(f"s.{name}" for name in SIGHTING),
    seen=sees("s.customer_id"),
)
_LOCK_REPORT: Final = Statement(
    """
    SELECT {columns} FROM elsewhere_report r JOIN customer c ON c.id = r.customer_id WHERE r.id = :id AND {seen}
    FOR NO KEY UPDATE OF c, r
    """,
    columns=", ".join(f"r.{name}" for name in REPORT),
    seen=sees("r.customer_id"),
)
"""By hand, both: the customer is held before what was entered."""
_WITHDRAW_SIGHTING: Final = Statement(update_many(SightingRow, "id", *_WITHDRAWN))
_WITHDRAW_REPORT: Final = Statement(update_many(ElsewhereReportRow, "id", *_WITHDRAWN))


def opened(row: Record, vault: Vault) -> Competitor:
    """The competitor in a row of COMPETITORS."""
    said = orjson.loads(vault.open(row["words"], row["id"].bytes))
    return Competitor(**{name: row[name] for name in _OPEN}, **{name: said[name] for name in SAID})


def sighting_in(row: Record, vault: Vault) -> Sighting:
    """The sighting in a row with the columns of SIGHTING."""
    stands: dict[str, Any] = {name: row[name] for name in _SIGHTED}
    return Sighting(**stands, offer=_read(row, vault), withdrawn=_withdrawn(row, vault))


def report_in(row: Record, vault: Vault) -> ElsewhereReport:
    """The report in a row with the columns of REPORT."""
    stands: dict[str, Any] = {name: row[name] for name in _REPORTED}
    return ElsewhereReport(**stands, note=_read(row, vault), withdrawn=_withdrawn(row, vault))


async def add(transaction: Connection, vault: Vault, new: Competitor) -> None:
    """Raises CompetitorTaken."""
    await _written(_ADD, transaction, vault, new, entered_at=new.entered_at, entered_by=new.entered_by)


async def save(transaction: Connection, vault: Vault, held: Competitor) -> None:
    """Writes a held competitor as it stands. Raises CompetitorTaken."""
    await _written(_SAVE, transaction, vault, held)


async def locked(transaction: Connection, vault: Vault, id_: UUID) -> Competitor | None:
    """A competitor's file, held until the transaction ends."""
    row = await _LOCKED.one(transaction, id=id_)
    return None if row is None else opened(row, vault)


async def is_there(reader: Reader, id_: UUID) -> bool:
    return await _IS_THERE.one(reader, id=id_) is not None


async def add_sighting(transaction: Connection, vault: Vault, new: Sighting) -> None:
    """Adds what was seen with a held customer."""
    stands = {name: getattr(new, name) for name in _SIGHTED}
    await _ADD_SIGHTING.execute(transaction, **stands, words=_sealed(new.offer, vault, new.id))


async def add_report(transaction: Connection, vault: Vault, new: ElsewhereReport) -> None:
    """Adds what is said of a held customer."""
    stands = {name: getattr(new, name) for name in _REPORTED}
    await _ADD_REPORT.execute(transaction, **stands, words=_sealed(new.note, vault, new.id))


async def locked_sighting(transaction: Connection, vault: Vault, id_: UUID, *, viewer: UUID | None) -> Sighting | None:
    """What was seen, held with its customer until the transaction ends; None also for a customer whom the viewer does
    not see."""
    row = await _LOCK_SIGHTING.one(transaction, id=id_, viewer=viewer)
    return None if row is None else sighting_in(row, vault)


async def locked_report(
    transaction: Connection, vault: Vault, id_: UUID, *, viewer: UUID | None
) -> ElsewhereReport | None:
    """What was reported, likewise."""
    row = await _LOCK_REPORT.one(transaction, id=id_, viewer=viewer)
    return None if row is None else report_in(row, vault)


async def withdraw_sighting(transaction: Connection, vault: Vault, id_: UUID, back: Withdrawal) -> None:
    """Writes that a held sighting was a mistake."""
    await _WITHDRAW_SIGHTING.execute(transaction, **_columns(vault, id_, back))


async def withdraw_report(transaction: Connection, vault: Vault, id_: UUID, back: Withdrawal) -> None:
    """Writes that a held report was a mistake."""
    await _WITHDRAW_REPORT.execute(transaction, **_columns(vault, id_, back))


def _columns(vault: Vault, id_: UUID, back: Withdrawal) -> dict[str, list[Any]]:
    values = (id_, back.at, back.by, _sealed(back.reason, vault, id_))
    return {name: [value] for name, value in zip(("id", *_WITHDRAWN), values, strict=True)}


async def _written(
    statement: Statement[Record], transaction: Connection, vault: Vault, stands: Competitor, **more: Any
) -> None:
    said = orjson.dumps({name: getattr(stands, name) for name in SAID})
    try:
        await statement.execute(
            transaction,
            id=stands.id,
            version=stands.version,
            name=stands.name,
            brands=stands.brands,
            words=vault.seal(said, stands.id.bytes),
            **more,
        )
    except asyncpg.UniqueViolationError:
        raise CompetitorTaken("read it: GET /customers/v1/competitors?name=", pointer="#/name") from None


def _sealed(text: str | None, vault: Vault, id_: UUID) -> bytes | None:
    return None if text is None else vault.seal(text.encode(), id_.bytes)


def _read(row: Record, vault: Vault, words: str = "words") -> str | None:
    return None if row[words] is None else vault.open(row[words], row["id"].bytes).decode()


def _withdrawn(row: Record, vault: Vault) -> Withdrawal | None:
    if row["withdrawn_at"] is None:
        return None
    return Withdrawal(row["withdrawn_at"], row["withdrawn_by"], _read(row, vault, "withdrawal_words"))
