"""Owners in the database; what is personal is sealed on the way in and opened on the way out."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from asyncpg import Record
from sqlalchemy import LargeBinary, Uuid, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import array
from sqlmodel import col

from services.customers.changes import store as changes_made
from services.customers.heads.store.caller import SAME_CALL, TRACE
from services.customers.owners.domain import Owner, Ownership
from services.customers.owners.tables import OwnerRow, OwnershipRow
from services.customers.personal_keys import store as keys
from services.customers.personal_keys.tables import PersonalKeyRow
from services.customers.traces.store import traces
from shared.db import Connection
from shared.key_ring import PersonalVault, Sealer
from shared.nested import Nested
from shared.personal import Vault
from shared.statement import Reader, Scalar, Statement, given, insert_one, table

OWNERS: Final = (
    select(
        *(table(OwnerRow).c[name] for name in ("id", "version", "personal", "customer_id", "erased_at", "updated_at"))
    )
    .add_columns(col(PersonalKeyRow.sealed_by), col(PersonalKeyRow.wrapped))
    .outerjoin(PersonalKeyRow, col(PersonalKeyRow.subject_id) == col(OwnerRow.id))
)
"""What `opened` needs of owners: their key comes along."""
_ADD = Statement(insert_one(OwnerRow, "id", "version", "personal", "customer_id", "traces", "traced", "updated_at"))
_ONE = Statement(OWNERS.where(col(OwnerRow.id) == given("id")))
_LOCK = Scalar(select(col(OwnerRow.id)).where(col(OwnerRow.id) == given("id")).with_for_update(), UUID)
_SAVE = Statement(
    update(table(OwnerRow))
    .values({name: given(name) for name in ("version", "personal", "customer_id", "traces", "traced", "updated_at")})
    .where(col(OwnerRow.id) == given("id"))
)
_EMPTY = Statement(
    """
    WITH key AS (DELETE FROM personal_key WHERE subject_id = :id)
    UPDATE owner SET version = :version, personal = :personal, erased_at = :at, updated_at = :at, traces = '{}',
        traced = :version
    WHERE id = :id
    """
)
"""By hand: key and owner in one round trip."""
_UNTRACED = Statement(
    OWNERS.where(col(OwnerRow.traced) != col(OwnerRow.version))
    .order_by(col(OwnerRow.id))
    .limit(given("most"))
    .with_for_update(of=table(OwnerRow), skip_locked=True)
)
_TRACE = Statement(
    update(table(OwnerRow))
    .values(traces=given("traces"), traced=given("version"))
    .where(col(OwnerRow.id) == given("id"))
)
_CALLING: Final = OWNERS.where(
    col(OwnerRow.id).in_(select(literal_column("f.owner_id", Uuid)).select_from(text("found f")).where(SAME_CALL)),
    col(OwnerRow.traces).contains(array([TRACE], type_=LargeBinary)),
).order_by(col(OwnerRow.id))
CALLING: Final[Nested[dict[str, Any]]] = Nested(_CALLING, dict)
"""Who of the owners of the stores that a call has found has its number, as `opened` takes them."""
CALLING_IDS: Final = _CALLING.with_only_columns(col(OwnerRow.id)).order_by(None)
_AS_CUSTOMER = Scalar(
    select(col(OwnerRow.id)).where(col(OwnerRow.customer_id) == given("customer_id")).order_by(col(OwnerRow.id)), UUID
)
_OWNERSHIP = ("id", "customer_id", "owner_id", "since", "until", "version")
_OWNERSHIPS = select(*(table(OwnershipRow).c[name] for name in _OWNERSHIP))
_PRESENT = Statement(
    _OWNERSHIPS.where(col(OwnershipRow.customer_id) == given("customer_id"), col(OwnershipRow.until).is_(None)),
    Ownership,
)
_STORES_OF = Scalar(
    select(col(OwnershipRow.customer_id)).where(
        col(OwnershipRow.owner_id) == given("owner_id"), col(OwnershipRow.until).is_(None)
    ),
    UUID,
)
_HOLD_RINGS: Final = Statement("SELECT pg_advisory_xact_lock(4018, 5)")
_OWNED_BY: Final = Scalar(
    """
    WITH RECURSIVE above AS (
        SELECT :customer_id::uuid AS customer_id
        UNION SELECT w.customer_id FROM above a
            JOIN ownership o ON o.customer_id = a.customer_id AND o.until IS NULL
            JOIN owner w ON w.id = o.owner_id AND w.customer_id IS NOT NULL
    )
    SELECT EXISTS (SELECT FROM above WHERE customer_id = ANY (:owned::uuid[]))
    """,
    bool,
)
"""By hand: whether one of some customers is somebody, or owns them, over however many owners."""
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


def opened(row: Record | Mapping[str, Any], personal: PersonalVault) -> Owner:
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
        row["updated_at"],
    )


async def add(transaction: Connection, personal: PersonalVault, index: Vault, owner: Owner) -> None:
    await _ADD.execute(transaction, **await _row(transaction, personal, index, owner))


async def read(reader: Reader, personal: PersonalVault, id_: UUID) -> Owner | None:
    row = await _ONE.one(reader, id=id_)
    return None if row is None else opened(row, personal)


async def locked(transaction: Connection, personal: PersonalVault, id_: UUID) -> Owner | None:
    """The same, held until the transaction ends, and read once it is held."""
    held = await _LOCK.one(transaction, id=id_)
    return None if held is None else await read(transaction, personal, held)


async def save(transaction: Connection, personal: PersonalVault, index: Vault, owner: Owner) -> None:
    """Writes a held owner as they stand."""
    await _SAVE.execute(transaction, **await _row(transaction, personal, index, owner))


async def trace_some(transaction: Connection, personal: PersonalVault, index: Vault, most: int) -> int:
    """Makes owners found whom an older release has written; how many these were."""
    rows = await _UNTRACED.all(transaction, most=most)
    for row in rows:
        owner = opened(row, personal)
        await _TRACE.execute(transaction, id=owner.id, version=owner.version, traces=_traces(index, owner))
    return len(rows)


async def empty(transaction: Connection, personal: PersonalVault, owner: Owner, at: datetime) -> None:
    """Writes a held owner as one who was erased: without a key, nothing of them opens any more, in histories
    neither."""
    personal_part = _said(personal.service, owner)
    await _EMPTY.execute(transaction, id=owner.id, version=owner.version, personal=personal_part, at=at)
    await changes_made.forget_people(transaction, [owner.id])


async def as_customer(reader: Reader, customer_id: UUID) -> list[UUID]:
    """Whom somebody who is a customer is among the owners."""
    return await _AS_CUSTOMER.all(reader, customer_id=customer_id)


async def stores_of(reader: Reader, owner_id: UUID) -> set[UUID]:
    """The stores that are the owner's now."""
    return set(await _STORES_OF.all(reader, owner_id=owner_id))


async def owns_any_above(transaction: Connection, customer_id: UUID, owned: Iterable[UUID]) -> bool:
    """Whether who is to own these customers is one of them, or is owned by one, over however many owners. Nobody else
    who is a customer becomes an owner until the transaction ends; whoever asks holds customers before."""
    await _HOLD_RINGS.execute(transaction)
    return await _OWNED_BY.only(transaction, customer_id=customer_id, owned=list(owned))


async def sealer(transaction: Connection, personal: PersonalVault, id_: UUID) -> Sealer:
    """An owner's own, made when they are first written."""
    return personal.of(id_, await keys.key_for(transaction, personal.ring, id_))


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


async def _row(transaction: Connection, personal: PersonalVault, index: Vault, owner: Owner) -> dict[str, Any]:
    """The columns of an owner, sealed under their own key, made when they are first written."""
    return {
        "id": owner.id,
        "version": owner.version,
        "personal": _said(await sealer(transaction, personal, owner.id), owner),
        "customer_id": owner.customer_id,
        "traces": _traces(index, owner),
        "traced": owner.version,
        "updated_at": owner.updated_at,
    }


def _traces(index: Vault, owner: Owner) -> list[bytes]:
    return traces(index, owner.phones, owner.emails, [])


def _said(sealer: Sealer, owner: Owner) -> bytes:
    said = {"name": owner.name, "phones": owner.phones, "emails": owner.emails}
    return sealer.seal(orjson.dumps(said), owner.id.bytes)
