"""People of stores in the database; what is personal is sealed on the way in and opened on the way out."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import orjson
from asyncpg import Record
from sqlalchemy import LargeBinary, Uuid, select, union, update
from sqlalchemy.dialects.postgresql import array
from sqlmodel import col

from services.customers.changes import store as changes_made
from services.customers.heads.store.caller import CALLER, TRACE
from services.customers.people.domain import CONTACTS_SHOWN, Person, Traits
from services.customers.people.tables import PersonRow
from services.customers.personal_keys import store as keys
from services.customers.personal_keys.tables import PersonalKeyRow
from services.customers.traces.store import traces
from shared.db import Connection
from shared.key_ring import PersonalVault, Sealer
from shared.nested import Nested
from shared.personal import Vault
from shared.statement import Reader, Scalar, Statement, any_given, given, insert_one, table

_IN_THE_OPEN: Final = ("customer_id", "job", "decides", "pays", "uses", "language", "means", "left_on", "updated_at")
_WRITTEN: Final = ("id", "version", *_IN_THE_OPEN, "personal", "traces")
PEOPLE: Final = (
    select(*(table(PersonRow).c[name] for name in ("id", "version", *_IN_THE_OPEN, "personal")))
    .add_columns(col(PersonalKeyRow.sealed_by), col(PersonalKeyRow.wrapped))
    .join(PersonalKeyRow, col(PersonalKeyRow.subject_id) == col(PersonRow.id))
)
"""What `opened` needs of people: their key comes along."""
_CALLING: Final = (
    PEOPLE.where(
        col(PersonRow.customer_id) == CALLER, col(PersonRow.traces).contains(array([TRACE], type_=LargeBinary))
    )
    .order_by(col(PersonRow.id))
    .limit(20)
)
_TO_KNOW: Final = (
    PEOPLE.where(col(PersonRow.customer_id) == CALLER, col(PersonRow.left_on).is_(None))
    .order_by(col(PersonRow.decides).desc(), col(PersonRow.pays).desc(), col(PersonRow.uses).desc(), col(PersonRow.id))
    .limit(CONTACTS_SHOWN)
)
CALLERS: Final[Nested[dict[str, Any]]] = Nested(_CALLING, dict)
"""Who of a store's people has the number of a call, as `opened` takes them."""
CONTACTS: Final[Nested[dict[str, Any]]] = Nested(_TO_KNOW, dict)
"""The people who are in the store of who calls: who decides, pays or uses first."""
SHOWN_IN_CALL: Final = union(
    select(_CALLING.with_only_columns(col(PersonRow.id)).subquery().c.id),
    select(_TO_KNOW.with_only_columns(col(PersonRow.id)).subquery().c.id),
)
"""The ids of both."""
_ADD = Statement(insert_one(PersonRow, *_WRITTEN, "entered_at"))
_ONE = Statement(PEOPLE.where(col(PersonRow.id) == given("id")))
_PRESENT = Statement(
    PEOPLE.where(col(PersonRow.customer_id) == any_given("customers", Uuid), col(PersonRow.left_on).is_(None))
)
_VERSIONS = Statement(
    select(col(PersonRow.id), col(PersonRow.version))
    .where(col(PersonRow.id) == any_given("ids", Uuid))
    .order_by(col(PersonRow.id))
    .with_for_update()
)
_STORES_OF = Scalar(
    select(col(PersonRow.customer_id)).where(col(PersonRow.id) == any_given("ids", Uuid)).distinct(), UUID
)
_WITH_STORES = Statement(
    select(col(PersonRow.id), col(PersonRow.customer_id)).where(col(PersonRow.id) == any_given("ids", Uuid))
)
_STORES = Scalar("SELECT customer_id FROM archive WHERE customer_id = ANY(:customers::uuid[]) AND kind = 'store'", UUID)
_LOCK = Scalar(
    select(col(PersonRow.id))
    .where(col(PersonRow.id) == given("id"), col(PersonRow.customer_id) == given("customer_id"))
    .with_for_update(),
    UUID,
)
_SAVE = Statement(
    update(table(PersonRow))
    .values({name: given(name) for name in _WRITTEN if name not in ("id", "customer_id")})
    .where(col(PersonRow.id) == given("id"))
)
_LEAVE_ALL = Scalar(
    """
    UPDATE person SET left_on = :left_on, version = version + 1, traces = '{}', updated_at = :at
    WHERE customer_id = :customer_id AND left_on IS NULL AND (entered_at >= :staying_since) IS NOT TRUE RETURNING id
    """,
    UUID,
)
_ERASE = Scalar(
    """
    WITH gone AS (DELETE FROM person WHERE id = ANY(:ids::uuid[]) RETURNING id),
    unreadable AS (DELETE FROM personal_key WHERE subject_id IN (SELECT id FROM gone))
    SELECT id FROM gone
    """,
    UUID,
)
"""By hand: the person and the key in one round trip. Dates and relations go with the person, by their foreign keys."""
_KIND = Scalar("SELECT kind FROM archive WHERE customer_id = :id", str)


def opened(row: Record | Mapping[str, Any], personal: PersonalVault) -> Person:
    """The person in a row of PEOPLE."""
    said: dict[str, Any] = orjson.loads(personal.of(row["id"], keys.key_in(row)).open(row["personal"], row["id"].bytes))
    return Person(
        row["id"],
        row["version"],
        name=said["name"],
        phones=tuple(said["phones"]),
        emails=tuple(said["emails"]),
        traits=Traits(**said["traits"]),
        **{name: row[name] for name in _IN_THE_OPEN},
    )


def name_in(sealer: Sealer, id_: UUID, sealed: bytes) -> str:
    """What somebody is called, of their sealed part alone."""
    return str(orjson.loads(sealer.open(sealed, id_.bytes))["name"])


async def add(
    transaction: Connection, personal: PersonalVault, index: Vault, person: Person, entered_at: datetime
) -> None:
    await _ADD.execute(transaction, **await _row(transaction, personal, index, person), entered_at=entered_at)


async def present(reader: Reader, personal: PersonalVault, customers: Sequence[UUID]) -> list[Person]:
    """Who is in these stores now."""
    return [opened(row, personal) for row in await _PRESENT.all(reader, customers=customers)]


async def versions(transaction: Connection, ids: Sequence[UUID]) -> dict[UUID, int]:
    """In which version these people stand, held; who was removed is left out."""
    return {row["id"]: row["version"] for row in await _VERSIONS.all(transaction, ids=ids)}


async def stores_of(reader: Reader, people: Sequence[UUID]) -> list[UUID]:
    """The stores that these people are of."""
    return await _STORES_OF.all(reader, ids=people)


async def with_stores(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Those of these people who are there, each with their store."""
    return {row["id"]: row["customer_id"] for row in await _WITH_STORES.all(reader, ids=ids)}


async def stores_among(reader: Reader, customers: Sequence[UUID]) -> set[UUID]:
    """Those of the customers who are stores."""
    return set(await _STORES.all(reader, customers=customers))


async def read(reader: Reader, personal: PersonalVault, id_: UUID) -> Person | None:
    row = await _ONE.one(reader, id=id_)
    return None if row is None else opened(row, personal)


async def locked(transaction: Connection, personal: PersonalVault, customer_id: UUID, id_: UUID) -> Person | None:
    """Somebody of a store, held until the transaction ends, and read once they are held."""
    held = await _LOCK.one(transaction, id=id_, customer_id=customer_id)
    return None if held is None else await read(transaction, personal, held)


async def save(transaction: Connection, personal: PersonalVault, index: Vault, person: Person) -> None:
    """Writes a held person as they stand."""
    row = await _row(transaction, personal, index, person)
    await _SAVE.execute(transaction, **{name: value for name, value in row.items() if name != "customer_id"})


async def leave_all(
    transaction: Connection, customer_id: UUID, on: date, staying_since: datetime | None, at: datetime
) -> list[UUID]:
    """Lets everybody of a held store have left: it has changed hands, and people start anew (domain 2.1). Whoever was
    entered from `staying_since` on is the new owner's, and stays."""
    return await _LEAVE_ALL.all(transaction, customer_id=customer_id, left_on=on, staying_since=staying_since, at=at)


async def erase(transaction: Connection, ids: Sequence[UUID]) -> set[UUID]:
    """Removes people with all that is known of them, in histories, too, and destroys their keys; returns who was
    there."""
    gone = set(await _ERASE.all(transaction, ids=ids))
    await changes_made.forget_people(transaction, list(gone))
    return gone


async def sealer(transaction: Connection, personal: PersonalVault, id_: UUID) -> Sealer:
    """Somebody's own, made at need."""
    return personal.of(id_, await keys.key_for(transaction, personal.ring, id_))


async def is_store(reader: Reader, customer_id: UUID) -> bool:
    """Whether a customer is a store."""
    return await _KIND.one(reader, id=customer_id) == "store"


async def _row(transaction: Connection, personal: PersonalVault, index: Vault, person: Person) -> dict[str, Any]:
    """The columns of a person, sealed under their own key, made when they are first written."""
    own = await sealer(transaction, personal, person.id)
    said = {"name": person.name, "phones": person.phones, "emails": person.emails, "traits": person.traits}
    here = person.left_on is None
    return {
        **{name: getattr(person, name) for name in ("id", "version", *_IN_THE_OPEN)},
        "personal": own.seal(orjson.dumps(said), person.id.bytes),
        "traces": traces(index, person.phones, person.emails, [person.name]) if here else [],
    }
