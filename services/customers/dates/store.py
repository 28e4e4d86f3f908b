"""Important dates in the database: the day lies sealed, and each day on which it falls stands as a keyed hash."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson
from asyncpg import Record

from services.customers.dates.domain import KEPT_YEARS, CalendarDay, DateStands, ImportantDate, falls
from services.customers.dates.tables import DateFallsRow, ImportantDateRow
from services.customers.personal_keys import store as keys
from shared.db import Connection
from shared.key_ring import PersonalVault, Sealer
from shared.personal import Vault
from shared.statement import Reader, Scalar, Statement, insert_many, insert_one, update_many

DATES: Final = """
    SELECT d.id AS date_id, d.version, d.customer_id, d.person_id, d.occasion, d.own_key, d.sealed,
        k.sealed_by, k.wrapped
    FROM important_date d LEFT JOIN personal_key k ON k.subject_id = coalesce(d.person_id, d.customer_id)
"""
"""What `opened` needs of dates: the key of whose it is comes along."""
OPENED_NUMBER: Final = "(EXTRACT(month FROM d.opened_on) * 100 + EXTRACT(day FROM d.opened_on))"
"""Of an opening in the archive the month and the day, as its index has it: 229 is the 29th of February."""
_ADD = Statement(
    insert_one(ImportantDateRow, "id", "version", "customer_id", "person_id", "occasion", "own_key", "sealed", "filled")
)
_SAVE = Statement(update_many(ImportantDateRow, "id", "version", "own_key", "sealed", "filled"))
_HELD = Statement(DATES + " WHERE d.id = :id AND d.customer_id = :customer_id FOR UPDATE OF d")
_TO_FILL = Statement(DATES + " WHERE d.filled < :until ORDER BY d.filled, d.id LIMIT :most FOR UPDATE OF d SKIP LOCKED")
_REMOVE = Scalar("DELETE FROM important_date WHERE id = :id RETURNING id", UUID)
_EMPTY = Statement("DELETE FROM date_falls WHERE date_id = ANY(:ids::uuid[])")
_FILL = Statement(insert_many(DateFallsRow, "trace", "date_id"))
_OF_CUSTOMER = Statement(
    """
    SELECT a.kind, k.sealed_by, k.wrapped FROM archive a LEFT JOIN personal_key k ON k.subject_id = a.customer_id
    WHERE a.customer_id = :id
    """
)
_PERSON = Scalar("SELECT p.id FROM person p WHERE p.id = :id AND p.customer_id = :customer_id FOR UPDATE", UUID)


def opened(row: Record, personal: PersonalVault) -> ImportantDate:
    """The date in a row of DATES."""
    sealer = personal.of(row["person_id"] or row["customer_id"], keys.key_in(row) if row["own_key"] else None)
    id_: UUID = row["date_id"]
    day = CalendarDay(**orjson.loads(sealer.open(row["sealed"], id_.bytes)))
    return ImportantDate(id_, row["version"], row["customer_id"], row["person_id"], row["occasion"], day)


def day_trace(index: Vault, day: date) -> bytes:
    """The trace of a day: who has no key reads from it neither the day nor whose it is."""
    return index.digest(f"day:{day.isoformat()}".encode())


async def kind_of(reader: Reader, customer_id: UUID) -> str | None:
    """What kind of customer it is."""
    found = await _OF_CUSTOMER.one(reader, id=customer_id)
    return None if found is None else str(found["kind"])


async def hold_person(transaction: Connection, customer_id: UUID, id_: UUID) -> bool:
    """Holds somebody of a store; False where the store has nobody with this id."""
    return await _PERSON.one(transaction, id=id_, customer_id=customer_id) is not None


async def add(transaction: Connection, personal: PersonalVault, index: Vault, new: ImportantDate, year: int) -> None:
    """Adds a date of a held customer's; raises DateStands where there is one of this occasion."""
    sealer, own_key = await _sealer(transaction, personal, new)
    try:
        await _ADD.execute(
            transaction,
            id=new.id,
            version=new.version,
            customer_id=new.customer_id,
            person_id=new.person_id,
            occasion=new.occasion,
            own_key=own_key,
            sealed=_sealed(sealer, new),
            filled=_filled(year),
        )
    except asyncpg.UniqueViolationError:
        raise DateStands("whose date it is has one of this occasion", pointer="#/occasion") from None
    await _fill(transaction, index, [new], year)


async def held(transaction: Connection, personal: PersonalVault, customer_id: UUID, id_: UUID) -> ImportantDate | None:
    """A date of a customer's, held until the transaction ends."""
    found = await _HELD.one(transaction, id=id_, customer_id=customer_id)
    return None if found is None else opened(found, personal)


async def save(transaction: Connection, personal: PersonalVault, index: Vault, after: ImportantDate, year: int) -> None:
    """Writes a held date as it stands, and the days on which it falls."""
    sealer, own_key = await _sealer(transaction, personal, after)
    sealed = _sealed(sealer, after)
    row = {"id": after.id, "version": after.version, "own_key": own_key, "sealed": sealed, "filled": _filled(year)}
    await _SAVE.execute(transaction, **{name: [value] for name, value in row.items()})
    await _EMPTY.execute(transaction, ids=[after.id])
    await _fill(transaction, index, [after], year)


async def remove(transaction: Connection, id_: UUID) -> None:
    """Removes a held date."""
    await _REMOVE.one(transaction, id=id_)


async def fill_next(transaction: Connection, personal: PersonalVault, index: Vault, year: int, most: int) -> int:
    """Keeps for the next dates the days of this year and the following ones; how many dates these were."""
    rows = await _TO_FILL.all(transaction, until=_filled(year), most=most)
    if not rows:
        return 0
    found = [opened(row, personal) for row in rows]
    await _EMPTY.execute(transaction, ids=[each.id for each in found])
    await _fill(transaction, index, found, year)
    await _FILLED.execute(transaction, ids=[each.id for each in found], filled=_filled(year))
    return len(found)


_FILLED = Statement("UPDATE important_date SET filled = :filled WHERE id = ANY(:ids::uuid[])")


async def _fill(transaction: Connection, index: Vault, dates: Sequence[ImportantDate], year: int) -> None:
    kept = [(day_trace(index, day), each.id) for each in dates for day in _days(each.day, year)]
    if kept:
        traces, ids = zip(*kept, strict=True)
        await _FILL.execute(transaction, trace=list(traces), date_id=list(ids))


def _days(day: CalendarDay, year: int) -> Iterable[date]:
    """The days of the years that are kept; two dates may not fall on one day twice."""
    return {each.on for kept in range(year, year + KEPT_YEARS) for each in falls(day, kept)}


def _filled(year: int) -> int:
    return year + KEPT_YEARS - 1


async def sealer_of(transaction: Connection, personal: PersonalVault, of: ImportantDate) -> Sealer:
    """What seals what is said of a date."""
    return (await _sealer(transaction, personal, of))[0]


async def _sealer(transaction: Connection, personal: PersonalVault, of: ImportantDate) -> tuple[Sealer, bool]:
    """What seals a date, and whether that is a key of whose it is. A store has none."""
    if of.person_id is not None:
        return personal.of(of.person_id, await keys.key_for(transaction, personal.ring, of.person_id)), True
    found = await _OF_CUSTOMER.one(transaction, id=of.customer_id)
    key = keys.key_in(found) if found is not None else None
    return personal.of(of.customer_id, key), key is not None


def _sealed(sealer: Sealer, of: ImportantDate) -> bytes:
    plain: dict[str, Any] = asdict(of.day)
    return sealer.seal(orjson.dumps(plain), of.id.bytes)
