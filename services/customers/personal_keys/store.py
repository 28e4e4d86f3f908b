"""Keys of persons in the database, wrapped."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from asyncpg import Record
from sqlalchemy import Uuid, func, select
from sqlmodel import col

from services.customers.personal_keys.tables import PersonalKeyRow
from shared.db import Connection
from shared.key_ring import KeyRing, WrappedKey
from shared.statement import Reader, Statement, any_given, by_column, given, insert_many, update_many

_COLUMNS = (col(PersonalKeyRow.subject_id), col(PersonalKeyRow.sealed_by), col(PersonalKeyRow.wrapped))
_NAMES = ("subject_id", "sealed_by", "wrapped")
_READ = Statement(select(*_COLUMNS).where(col(PersonalKeyRow.subject_id) == any_given("ids", Uuid)))
_KEEP = Statement(insert_many(PersonalKeyRow, *_NAMES, ordered_by=["subject_id"]).on_conflict_do_nothing())
_WRAPPED_BEFORE = Statement(
    select(*_COLUMNS)
    .where(col(PersonalKeyRow.subject_id) > given("after"), col(PersonalKeyRow.sealed_by) != given("present"))
    .order_by(col(PersonalKeyRow.subject_id))
    .limit(given("most"))
    .with_for_update()
)
_WRAP_ANEW = Statement(update_many(PersonalKeyRow, *_NAMES, key=["subject_id"]))
_DESTROY = Statement("DELETE FROM personal_key WHERE subject_id = ANY(:ids::uuid[])")
_COUNTS = Statement(
    select(col(PersonalKeyRow.sealed_by), func.count().label("persons"))
    .group_by(col(PersonalKeyRow.sealed_by))
    .order_by(col(PersonalKeyRow.sealed_by))
)


def key_in(row: Record | Mapping[str, Any]) -> WrappedKey | None:
    """The key that a statement brought along as `sealed_by` and `wrapped`; None for who has none."""
    return None if row["wrapped"] is None else _key(row)


async def standing(reader: Reader, subject: UUID) -> WrappedKey | None:
    """The key of a person; None for who has none."""
    return (await _read(reader, [subject])).get(subject)


async def key_for(transaction: Connection, ring: KeyRing, subject: UUID) -> WrappedKey:
    """The key of a person, made at its first use."""
    return (await keys_for(transaction, ring, [subject]))[subject]


async def keys_for(transaction: Connection, ring: KeyRing, subjects: Sequence[UUID]) -> Mapping[UUID, WrappedKey]:
    """The keys of persons, made at their first use. Two who make one at the same time have the same afterwards."""
    found = await _read(transaction, subjects)
    missing = [subject for subject in subjects if subject not in found]
    if not missing:
        return found
    await _KEEP.execute(transaction, **by_column(_row(subject, ring.new(subject)) for subject in missing))
    return found | await _read(transaction, missing)


async def destroy(transaction: Connection, subjects: Sequence[UUID]) -> int:
    """Nothing that was sealed under the keys of these opens any more; how many keys there were."""
    return int((await _DESTROY.execute(transaction, ids=list(subjects))).split()[-1])


async def wrap_anew(transaction: Connection, ring: KeyRing, after: UUID, most: int) -> UUID | None:
    """Wraps the next keys that an earlier master key wrapped, in the order of their subjects.

    Returns the last of them; None when there was none. Raises UnknownMasterKey.
    """
    rows = await _WRAPPED_BEFORE.all(transaction, after=after, present=ring.present, most=most)
    if not rows:
        return None
    anew = (_row(row["subject_id"], ring.wrapped_anew(row["subject_id"], _key(row))) for row in rows)
    await _WRAP_ANEW.execute(transaction, **by_column(anew))
    last: UUID = rows[-1]["subject_id"]
    return last


async def counts(reader: Reader) -> dict[str, int]:
    """How many keys each master key has wrapped, by its id."""
    return {row["sealed_by"]: row["persons"] for row in await _COUNTS.all(reader)}


async def _read(reader: Reader, subjects: Sequence[UUID]) -> dict[UUID, WrappedKey]:
    return {row["subject_id"]: _key(row) for row in await _READ.all(reader, ids=list(subjects))}


def _key(row: Record | Mapping[str, Any]) -> WrappedKey:
    return WrappedKey(row["sealed_by"], row["wrapped"])


def _row(subject: UUID, key: WrappedKey) -> dict[str, Any]:
    return {"subject_id": subject, **asdict(key)}
