"""Prospects in the database; what is personal is sealed on the way in and opened on the way out."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson
from asyncpg import Record
from sqlalchemy import select
from sqlmodel import col

from services.customers.heads.store.visibility import sees
from services.customers.personal_keys import store as keys
from services.customers.prospects.domain import Known, Prospect, ProspectNote, Source, SourceTaken
from services.customers.prospects.tables import ProspectNoteRow, ProspectRow, ProspectSourceRow
from services.customers.traces.store import phone_trace
from shared.auth import visibility
from shared.db import Connection
from shared.key_ring import PersonalVault
from shared.personal import Vault
from shared.statement import Reader, Scalar, Statement, given, insert_one, table, update_many, with_parts

_SEALED: Final = ("name", "phones", "emails", "address", "lost_reason")
_OPEN: Final = tuple(each.name for each in fields(Prospect) if each.name not in (*_SEALED, "masked"))
_WRITTEN: Final = (*_OPEN, "personal", "traces")
_SOURCE: Final = tuple(each.name for each in fields(Source))
_NOTE: Final = ("id", "prospect_id", "written_by", "written_at", "sealed")
SOURCES: Final = select(*(table(ProspectSourceRow).c[name] for name in _SOURCE))
SEEN: Final = with_parts(
    """(CAST(:viewer AS uuid) IS NULL OR p.owner_id IN ({mine}) OR p.customer_id IS NOT NULL AND {customer})""",
    mine=visibility.subordinates(":viewer", staff="staff", departments="department"),
    customer=sees("p.customer_id"),
)
"""Whether the viewer sees a prospect p: it is theirs or their people's, or a customer by now whom they see."""


def prospects(*further: str) -> str:
    """What `opened` needs of prospects p, their key with them, and further columns."""
    return with_parts(
        "SELECT {columns} FROM prospect p LEFT JOIN personal_key k ON k.subject_id = p.id",
        columns=", ".join((*(f"p.{name}" for name in (*_OPEN, "personal")), "k.sealed_by", "k.wrapped", *further)),
    )


PROSPECTS: Final = prospects()
_ADD: Final = Statement(insert_one(ProspectRow, *_WRITTEN))
_UPDATE: Final = Statement(update_many(ProspectRow, *_OPEN, "personal"))
_TRACES: Final = Statement("UPDATE prospect SET traces = :traces WHERE id = :id")
_LOCKED: Final = Statement("{all} WHERE p.id = :id AND {seen} FOR UPDATE OF p", all=PROSPECTS, seen=SEEN)
_ONE: Final = Statement("{all} WHERE p.id = :id", all=PROSPECTS)
_READ_SOURCE: Final = Statement(SOURCES.where(col(ProspectSourceRow.code) == given("code")), Source)
_ADD_SOURCE: Final = Statement(insert_one(ProspectSourceRow, *_SOURCE))
_ADD_NOTE: Final = Statement(insert_one(ProspectNoteRow, *_NOTE))
NOTES: Final = with_parts(
    """
    SELECT {columns}, k.sealed_by, k.wrapped
    FROM prospect_note n JOIN personal_key k ON k.subject_id = n.prospect_id
    """,
    columns=", ".join(f"n.{name}" for name in _NOTE),
)
_NOTES: Final = Statement("{all} WHERE n.prospect_id = :id ORDER BY n.id", all=NOTES)
_FORGET_NOTES: Final = Statement("DELETE FROM prospect_note WHERE prospect_id = :id")
_REMOVE: Final = Statement("DELETE FROM prospect WHERE id = :id")
_SEEN: Final = Scalar("SELECT p.id FROM prospect p WHERE p.id = :id AND {seen}", UUID, seen=SEEN)
_HOLD_REFERRALS: Final = Statement("SELECT pg_advisory_xact_lock(4018, 4)")
"""By hand: two prospects who refer each other at once would not see each other."""
_REFERRED: Final = Scalar(
    """
    WITH RECURSIVE before AS (
        SELECT referred_by_prospect_id AS id FROM prospect WHERE id = :id
        UNION SELECT p.referred_by_prospect_id FROM before b JOIN prospect p ON p.id = b.id
    )
    SELECT id FROM before WHERE id = :by
    """,
    UUID,
)
"""By hand: all by whom a prospect was referred, one by the other."""
_OF_CUSTOMER: Final = Scalar("SELECT id FROM prospect WHERE customer_id = :id", UUID)
_KNOWN: Final = Statement(
    """
    SELECT c.id AS customer_id, NULL::uuid AS prospect_id FROM customer c
    WHERE c.id IN (SELECT a.customer_id FROM archive a WHERE a.traces && :traces::bytea[]
                   UNION SELECT m.customer_id FROM person m WHERE m.traces && :traces::bytea[]) AND {customer}
    UNION ALL
    SELECT NULL, p.id FROM prospect p WHERE p.traces && :traces::bytea[] AND p.id <> :id AND {prospect}
    LIMIT 20
    """,
    Known,
    customer=sees("c.id"),
    prospect=SEEN,
)
"""By hand: customers, their people and other prospects, as far as the viewer sees them."""


def opened(row: Record, personal: PersonalVault) -> Prospect:
    """The prospect in a row of PROSPECTS."""
    stands = {name: row[name] for name in _OPEN}
    if row["personal"] is None:
        return Prospect(**stands)
    sealer = personal.of(row["id"], keys.key_in(row))
    said: dict[str, Any] = orjson.loads(sealer.open(row["personal"], row["id"].bytes))
    return Prospect(**stands, **{**said, "phones": tuple(said["phones"]), "emails": tuple(said["emails"])})


def opened_note(row: Record, personal: PersonalVault) -> ProspectNote:
    """The note in a row of NOTES."""
    sealer = personal.of(row["prospect_id"], keys.key_in(row))
    text = sealer.open(row["sealed"], row["id"].bytes).decode()
    return ProspectNote(row["id"], row["prospect_id"], text, row["written_by"], row["written_at"])


async def add(transaction: Connection, personal: PersonalVault, index: Vault, new: Prospect) -> None:
    row = await _row(transaction, personal, new)
    await _ADD.execute(transaction, **row, traces=traces_of(index, new))


async def save(transaction: Connection, personal: PersonalVault, index: Vault, held: Prospect) -> None:
    """Writes a held prospect as it stands; of one who is a customer by now the key and the notes go."""
    if held.state == "converted":
        await _FORGET_NOTES.execute(transaction, id=held.id)
        await keys.destroy(transaction, [held.id])
    row = await _row(transaction, personal, held)
    await _UPDATE.execute(transaction, **{name: [value] for name, value in row.items()})
    await _TRACES.execute(transaction, id=held.id, traces=traces_of(index, held))


async def locked(
    transaction: Connection, personal: PersonalVault, id_: UUID, *, viewer: UUID | None
) -> Prospect | None:
    """A prospect whom the viewer sees, held until the transaction ends."""
    row = await _LOCKED.one(transaction, id=id_, viewer=viewer)
    return None if row is None else opened(row, personal)


async def read(reader: Reader, personal: PersonalVault, id_: UUID) -> Prospect | None:
    """A prospect, whoever looks."""
    row = await _ONE.one(reader, id=id_)
    return None if row is None else opened(row, personal)


async def remove(transaction: Connection, id_: UUID) -> None:
    """Removes a held prospect with all that is known of them; the key is destroyed."""
    await _REMOVE.execute(transaction, id=id_)
    await keys.destroy(transaction, [id_])


async def source(reader: Reader, code: str) -> Source | None:
    return await _READ_SOURCE.one(reader, code=code)


async def add_source(transaction: Connection, new: Source) -> None:
    """Raises SourceTaken."""
    try:
        await _ADD_SOURCE.execute(transaction, **asdict(new))
    except asyncpg.UniqueViolationError:
        raise SourceTaken("choose another code", pointer="#/code") from None


async def add_note(transaction: Connection, personal: PersonalVault, note: ProspectNote) -> None:
    """Adds a note of a held prospect."""
    key = await keys.key_for(transaction, personal.ring, note.prospect_id)
    sealed = personal.of(note.prospect_id, key).seal(note.text.encode(), note.id.bytes)
    open_ = {name: getattr(note, name) for name in _NOTE if name != "sealed"}
    await _ADD_NOTE.execute(transaction, **open_, sealed=sealed)


async def notes(reader: Reader, personal: PersonalVault, prospect_id: UUID) -> list[ProspectNote]:
    """Every note of a prospect, the oldest first."""
    return [opened_note(row, personal) for row in await _NOTES.all(reader, id=prospect_id)]


async def is_seen(reader: Reader, id_: UUID, *, viewer: UUID | None) -> bool:
    """Whether the viewer sees such a prospect."""
    return await _SEEN.one(reader, id=id_, viewer=viewer) is not None


async def hold_referrals(transaction: Connection) -> None:
    """Before it is said of a prospect that another one referred them."""
    await _HOLD_REFERRALS.execute(transaction)


async def was_referred(reader: Reader, id_: UUID, by: UUID) -> bool:
    """Whether a prospect was referred by another one, or by one whom that one referred."""
    return await _REFERRED.one(reader, id=id_, by=by) is not None


async def of_customer(reader: Reader, customer_id: UUID) -> list[UUID]:
    """Which prospects a customer was."""
    return await _OF_CUSTOMER.all(reader, id=customer_id)


async def known(reader: Reader, index: Vault, prospect: Prospect, *, viewer: UUID | None) -> list[Known]:
    """Who else has one of the phones, as far as the viewer sees them."""
    sought = traces_of(index, prospect)
    return await _KNOWN.all(reader, traces=sought, id=prospect.id, viewer=viewer) if sought else []


def traces_of(index: Vault, prospect: Prospect) -> Sequence[bytes]:
    """The blind index of a prospect's phones."""
    return [phone_trace(index, phone) for phone in prospect.phones]


async def _row(transaction: Connection, personal: PersonalVault, stands: Prospect) -> dict[str, Any]:
    row = {name: getattr(stands, name) for name in _OPEN}
    if stands.state == "converted":
        return row | {"personal": None}
    key = await keys.key_for(transaction, personal.ring, stands.id)
    said = orjson.dumps({name: getattr(stands, name) for name in _SEALED})
    return row | {"personal": personal.of(stands.id, key).seal(said, stands.id.bytes)}
