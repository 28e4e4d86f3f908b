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
from shared.db import Connection
from shared.personal import Vault
from shared.statement import Reader, Statement, given, insert_one, table

OWNERS: Final = select(*(table(OwnerRow).c[name] for name in ("id", "version", "personal", "customer_id")))
_ADD = Statement(insert_one(OwnerRow, "id", "version", "personal", "customer_id"))
_ONE = Statement(OWNERS.where(col(OwnerRow.id) == given("id")))
_LOCKED = Statement(OWNERS.where(col(OwnerRow.id) == given("id")).with_for_update())
_SAVE = Statement(
    update(table(OwnerRow))
    .values(version=given("version"), personal=given("personal"), customer_id=given("customer_id"))
    .where(col(OwnerRow.id) == given("id"))
)
_OWNERSHIP = ("id", "customer_id", "owner_id", "since", "until")
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
_BEGIN = Statement(insert_one(OwnershipRow, "id", "customer_id", "owner_id", "since", "entered_by"))


def opened(row: Record, vault: Vault) -> Owner:
    """The owner in a row of OWNERS."""
    said: dict[str, Any] = orjson.loads(vault.open(row["personal"], row["id"].bytes))
    return Owner(
        row["id"], row["version"], said["name"], tuple(said["phones"]), tuple(said["emails"]), row["customer_id"]
    )


async def add(transaction: Connection, vault: Vault, owner: Owner) -> None:
    await _ADD.execute(
        transaction,
        id=owner.id,
        version=owner.version,
        personal=_sealed(vault, owner),
        customer_id=owner.customer_id,
    )


async def read(reader: Reader, vault: Vault, id_: UUID) -> Owner | None:
    row = await _ONE.one(reader, id=id_)
    return None if row is None else opened(row, vault)


async def locked(transaction: Connection, vault: Vault, id_: UUID) -> Owner | None:
    """The same, held until the transaction ends."""
    row = await _LOCKED.one(transaction, id=id_)
    return None if row is None else opened(row, vault)


async def save(transaction: Connection, vault: Vault, owner: Owner) -> None:
    """Writes a held owner as they stand."""
    await _SAVE.execute(
        transaction,
        id=owner.id,
        version=owner.version,
        personal=_sealed(vault, owner),
        customer_id=owner.customer_id,
    )


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


def _sealed(vault: Vault, owner: Owner) -> bytes:
    said = {"name": owner.name, "phones": owner.phones, "emails": owner.emails}
    return vault.seal(orjson.dumps(said), owner.id.bytes)
