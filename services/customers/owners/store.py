"""Owners in the database; what is personal is sealed on the way in and opened on the way out."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from asyncpg import Record
from sqlalchemy import select, update
from sqlmodel import col

from services.customers.owners.domain import Owner, Ownership
from services.customers.owners.tables import OwnerRow, OwnershipRow
from services.customers.personal_keys import store as keys
from services.customers.personal_keys.tables import PersonalKeyRow
from shared.db import Connection
from shared.key_ring import PersonalVault, Sealer
from shared.statement import Reader, Scalar, Statement, given, insert_one, table

OWNERS: Final = (
    select(*(table(OwnerRow).c[name] for name in ("id", "version", "personal", "customer_id", "erased_at")))
    .add_columns(col(PersonalKeyRow.sealed_by), col(PersonalKeyRow.wrapped))
    .outerjoin(PersonalKeyRow, col(PersonalKeyRow.subject_id) == col(OwnerRow.id))
)
"""What `opened` needs of owners: their key comes along."""
_ADD = Statement(insert_one(OwnerRow, "id", "version", "personal", "customer_id"))
_ONE = Statement(OWNERS.where(col(OwnerRow.id) == given("id")))
_LOCK = Scalar(select(col(OwnerRow.id)).where(col(OwnerRow.id) == given("id")).with_for_update(), UUID)
_SAVE = Statement(
    update(table(OwnerRow))
    .values(version=given("version"), personal=given("personal"), customer_id=given("customer_id"))
    .where(col(OwnerRow.id) == given("id"))
)
_EMPTY = Statement(
    """
    WITH key AS (DELETE FROM personal_key WHERE subject_id = :id)
    UPDATE owner SET version = :version, personal = :personal, erased_at = :at WHERE id = :id
    """
)
"""By hand: key and owner in one round trip."""
_AS_CUSTOMER = Scalar(
    select(col(OwnerRow.id)).where(col(OwnerRow.customer_id) == given("customer_id")).order_by(col(OwnerRow.id)), UUID
)
_OWNERSHIP = ("id", "customer_id", "owner_id", "since", "until", "version")
_OWNERSHIPS = select(*(table(OwnershipRow).c[name] for name in _OWNERSHIP))
_PRESENT = Statement(
    _OWNERSHIPS.where(col(OwnershipRow.customer_id) == given("customer_id"), col(OwnershipRow.until).is_(None)),
    Ownership,
)
_HISTORY = Statement(
    _OWNERSHIPS.where(col(OwnershipRow.customer_id) == given("customer_id")).order_by(col(OwnershipRow.id).desc()),
    Ownership,
)
_END = Statement(update(table(OwnershipRow)).values(until=given("until")).where(col(OwnershipRow.id) == given("id")))
_MOVE = Statement(
    update(table(OwnershipRow))
    .values(since=given("since"), version=given("version"))
    .where(col(OwnershipRow.id) == given("id"))
)
_BEGIN = Statement(insert_one(OwnershipRow, "id", "customer_id", "owner_id", "since", "entered_by"))


def opened(row: Record, personal: PersonalVault) -> Owner:
    """The owner in a row of OWNERS."""
    said: dict[str, Any] = orjson.loads(personal.of(row["id"], keys.key_in(row)).open(row["personal"], row["id"].bytes))
    return Owner(
        row["id"],
        row["version"],
        said["name"],
        tuple(said["phones"]),
        tuple(said["emails"]),
        row["customer_id"],
        row["erased_at"],
    )


async def add(transaction: Connection, personal: PersonalVault, owner: Owner) -> None:
    await _ADD.execute(
        transaction,
        id=owner.id,
        version=owner.version,
        personal=await _sealed(transaction, personal, owner),
        customer_id=owner.customer_id,
    )


async def read(reader: Reader, personal: PersonalVault, id_: UUID) -> Owner | None:
    row = await _ONE.one(reader, id=id_)
    return None if row is None else opened(row, personal)


async def locked(transaction: Connection, personal: PersonalVault, id_: UUID) -> Owner | None:
    """The same, held until the transaction ends, and read once it is held."""
    held = await _LOCK.one(transaction, id=id_)
    return None if held is None else await read(transaction, personal, held)


async def save(transaction: Connection, personal: PersonalVault, owner: Owner) -> None:
    """Writes a held owner as they stand."""
    await _SAVE.execute(
        transaction,
        id=owner.id,
        version=owner.version,
        personal=await _sealed(transaction, personal, owner),
        customer_id=owner.customer_id,
    )


async def empty(transaction: Connection, personal: PersonalVault, owner: Owner, at: datetime) -> None:
    """Writes a held owner as one who was erased: without a key, nothing of them opens any more."""
    personal_part = _said(personal.service, owner)
    await _EMPTY.execute(transaction, id=owner.id, version=owner.version, personal=personal_part, at=at)


async def as_customer(reader: Reader, customer_id: UUID) -> list[UUID]:
    """Whom somebody who is a customer is among the owners."""
    return await _AS_CUSTOMER.all(reader, customer_id=customer_id)


async def present(reader: Reader, customer_id: UUID) -> Ownership | None:
    """Whose a store is now; None before anybody has said so."""
    return await _PRESENT.one(reader, customer_id=customer_id)


async def history(reader: Reader, customer_id: UUID) -> list[Ownership]:
    """Whose a store was, the latest first."""
    return await _HISTORY.all(reader, customer_id=customer_id)


async def change(
    transaction: Connection,
    id_: UUID,
    before: Ownership | None,
    owner_id: UUID | None,
    since: datetime,
    customer_id: UUID,
    *,
    by: UUID,
) -> None:
    """Writes whose a held store is from a moment on."""
    if before is not None:
        await _END.execute(transaction, id=before.id, until=since)
    await _BEGIN.execute(transaction, id=id_, customer_id=customer_id, owner_id=owner_id, since=since, entered_by=by)


async def move(transaction: Connection, after: Ownership, before: Ownership | None) -> None:
    """Writes when a held store became somebody's, and that it was another's until then."""
    await _MOVE.execute(transaction, id=after.id, since=after.since, version=after.version)
    if before is not None:
        await _END.execute(transaction, id=before.id, until=after.since)


async def _sealed(transaction: Connection, personal: PersonalVault, owner: Owner) -> bytes:
    """Under the owner's own key, made when they are first written."""
    key = await keys.key_for(transaction, personal.ring, owner.id)
    return _said(personal.of(owner.id, key), owner)


def _said(sealer: Sealer, owner: Owner) -> bytes:
    said = {"name": owner.name, "phones": owner.phones, "emails": owner.emails}
    return sealer.seal(orjson.dumps(said), owner.id.bytes)
