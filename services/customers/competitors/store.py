"""Competitors in the database; what was said of them is sealed on the way in and opened on the way out."""

from dataclasses import fields
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson
from asyncpg import Record
from sqlalchemy import select
from sqlmodel import col

from services.customers.competitors.domain import Competitor, CompetitorTaken, ElsewhereReport, Sighting
from services.customers.competitors.tables import CompetitorRow, ElsewhereReportRow, SightingRow
from shared.db import Connection
from shared.personal import Vault
from shared.statement import Reader, Scalar, Statement, given, insert_one, table

SAID: Final = ("strengths", "note")
_OPEN: Final = tuple(each.name for each in fields(Competitor) if each.name not in SAID)
SIGHTING: Final = (*(each.name for each in fields(Sighting) if each.name != "offer"), "words")
REPORT: Final = (*(each.name for each in fields(ElsewhereReport) if each.name != "note"), "words")
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
_ADD_SIGHTING: Final = Statement(insert_one(SightingRow, *SIGHTING))
_ADD_REPORT: Final = Statement(insert_one(ElsewhereReportRow, *REPORT))


def opened(row: Record, vault: Vault) -> Competitor:
    """The competitor in a row of COMPETITORS."""
    said = orjson.loads(vault.open(row["words"], row["id"].bytes))
    return Competitor(**{name: row[name] for name in _OPEN}, **{name: said[name] for name in SAID})


def sighting_in(row: Record, vault: Vault) -> Sighting:
    """The sighting in a row with the columns of SIGHTING."""
    stands: dict[str, Any] = {name: row[name] for name in SIGHTING if name != "words"}
    return Sighting(**stands, offer=_read(row, vault))


def report_in(row: Record, vault: Vault) -> ElsewhereReport:
    """The report in a row with the columns of REPORT."""
    stands: dict[str, Any] = {name: row[name] for name in REPORT if name != "words"}
    return ElsewhereReport(**stands, note=_read(row, vault))


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
    stands = {name: getattr(new, name) for name in SIGHTING if name != "words"}
    await _ADD_SIGHTING.execute(transaction, **stands, words=_sealed(new.offer, vault, new.id))


async def add_report(transaction: Connection, vault: Vault, new: ElsewhereReport) -> None:
    """Adds what is said of a held customer."""
    stands = {name: getattr(new, name) for name in REPORT if name != "words"}
    await _ADD_REPORT.execute(transaction, **stands, words=_sealed(new.note, vault, new.id))


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


def _read(row: Record, vault: Vault) -> str | None:
    return None if row["words"] is None else vault.open(row["words"], row["id"].bytes).decode()
