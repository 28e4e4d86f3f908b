"""Choices in the database."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Uuid, select, tuple_, update
from sqlmodel import col

from services.care.consent.domain.choices import About, Choice, Choices, Means, Proof, ProofForm
from services.care.consent.tables import ConsentHistoryRow, ConsentRow, ConsentSheetRow
from services.care.messages.domain import Purpose
from shared import aliases
from shared.db import Connection
from shared.personal import Vault
from shared.statement import (
    Reader,
    Scalar,
    Statement,
    any_given,
    by_column,
    given,
    insert_many,
    insert_one,
    table,
    update_many,
    upsert_many,
)

CHOICE = ("channel", "purpose", "granted", "at", "by")
"""The columns of a choice."""


def choice_in(channel: str, purpose: str, granted: bool, at: datetime, by: UUID | None) -> tuple[About, Choice]:
    """What a row of CHOICE says."""
    return (Means(channel), Purpose(purpose)), Choice(granted, at, by=by)


def _choice_of(customer_id: UUID, **choice: Any) -> tuple[UUID, tuple[About, Choice]]:
    return customer_id, choice_in(**choice)


_VERSION = col(ConsentSheetRow.version)
_LOCK_SHEET = Scalar(
    insert_one(ConsentSheetRow, "customer_id")
    .values(version=0)
    .on_conflict_do_update(index_elements=["customer_id"], set_={"version": _VERSION})
    .returning(_VERSION),
    int,
)
_RAISE = Scalar(
    update(ConsentSheetRow)
    .values(version=_VERSION + 1)
    .where(col(ConsentSheetRow.customer_id) == given("customer_id"))
    .returning(_VERSION),
    int,
)
_OF = Statement(
    select(col(ConsentRow.customer_id), *(table(ConsentRow).c[name] for name in CHOICE)).where(
        col(ConsentRow.customer_id) == any_given("customers", Uuid)
    ),
    _choice_of,
)
_KEEP = Statement(upsert_many(ConsentRow, "customer_id", *CHOICE, key=["customer_id", "channel", "purpose"]))
_REMEMBER = Statement(insert_many(ConsentHistoryRow, "customer_id", *CHOICE, "sealed_source", "sealed_proof"))
_PLAIN = Statement(
    select(col(ConsentHistoryRow.id), col(ConsentHistoryRow.customer_id), col(ConsentHistoryRow.source))
    .where(col(ConsentHistoryRow.source) != "")
    .order_by(col(ConsentHistoryRow.id))
    .limit(given("most"))
    .with_for_update(skip_locked=True)
)
_SEAL = Statement(update_many(ConsentHistoryRow, "id", "sealed_source", source=""))
_KEYS = (col(ConsentRow.customer_id), col(ConsentRow.channel), col(ConsentRow.purpose))
_EMPTY = Statement(
    update(ConsentRow)
    .values(source="")
    .where(
        tuple_(*_KEYS).in_(
            select(*_KEYS).where(col(ConsentRow.source) != "").limit(given("most")).with_for_update(skip_locked=True)
        )
    )
    .returning(col(ConsentRow.customer_id))
)


async def lock_sheet(transaction: Connection, customer_id: UUID) -> int:
    """Locks the customer's sheet, made where there is none; returns its version, 0 for an empty one."""
    return await _LOCK_SHEET.only(transaction, customer_id=customer_id)


async def lock_sheets(transaction: Connection, customer_id: UUID) -> dict[UUID, int]:
    """The same of a customer and, where they were merged, of who is kept, as a merge locks them; the kept one last."""
    versions = {customer_id: await lock_sheet(transaction, customer_id)}
    for kept in (await aliases.kept(transaction, [customer_id])).values():
        versions[kept] = await lock_sheet(transaction, kept)
    return versions


async def choices_of(reader: Reader, customers: Collection[UUID]) -> Mapping[UUID, Choices]:
    """The present choices; customers without any are not in it."""
    found: dict[UUID, dict[About, Choice]] = {}
    for customer_id, (about, choice) in await _OF.all(reader, customers=list(customers)):
        found.setdefault(customer_id, {})[about] = choice
    return found


async def choices_of_kept(reader: Reader, customers: Collection[UUID]) -> Mapping[UUID, Choices]:
    """The same, of customers who were merged those of the ones who are kept, where these have said something."""
    kept = await aliases.kept(reader, customers)
    found = await choices_of(reader, {*customers, *kept.values()})
    return {id_: {**found.get(id_, {}), **found.get(kept.get(id_, id_), {})} for id_ in customers}


async def keep(transaction: Connection, vault: Vault, customer_id: UUID, choices: Choices) -> int:
    """Stores choices and their history; returns the sheet's new version."""
    rows = [(_row(customer_id, about, choice), choice.source, choice.proof) for about, choice in choices.items()]
    await _KEEP.execute(transaction, **by_column(row for row, _, _ in rows))
    remembered = (
        {
            **row,
            "sealed_source": _sealed(vault, customer_id, source or ""),
            "sealed_proof": sealed_proof(vault, customer_id, proof),
        }
        for row, source, proof in rows
    )
    await _REMEMBER.execute(transaction, **by_column(remembered))
    return await _RAISE.only(transaction, customer_id=customer_id)


def source_in(vault: Vault, customer_id: UUID, sealed: bytes | None, plain: str) -> str:
    """How a choice of the history was given; in plain text until the worker has sealed it."""
    return plain if sealed is None else vault.open(sealed, customer_id.bytes).decode()


def sealed_proof(vault: Vault, owner: UUID, proof: Proof | None) -> bytes | None:
    """A proof as it is kept, bound to its customer or proposal."""
    return None if proof is None else vault.seal(orjson.dumps(proof), owner.bytes)


def proof_in(vault: Vault, owner: UUID, sealed: bytes | None) -> Proof | None:
    """The proof that is kept so."""
    if sealed is None:
        return None
    said = orjson.loads(vault.open(sealed, owner.bytes))
    taken_by = said["taken_by"]
    return Proof(
        form=ProofForm(said["form"]),
        place=said["place"],
        text_version=said["text_version"],
        taken_at=datetime.fromisoformat(said["taken_at"]),
        taken_by=None if taken_by is None else UUID(taken_by),
    )


async def seal_sources(transaction: Connection, vault: Vault, most: int) -> int:
    """Seals sources of a release before, so many at most; returns how many rows were written."""
    plain = await _PLAIN.all(transaction, most=most)
    if plain:
        sealed = [
            {"id": row["id"], "sealed_source": _sealed(vault, row["customer_id"], row["source"])} for row in plain
        ]
        await _SEAL.execute(transaction, **by_column(sealed))
    return len(plain) + len(await _EMPTY.all(transaction, most=most))


def _sealed(vault: Vault, customer_id: UUID, source: str) -> bytes:
    return vault.seal(source.encode(), customer_id.bytes)


def _row(customer_id: UUID, about: About, choice: Choice) -> dict[str, object]:
    means, purpose = about
    return {
        "customer_id": customer_id,
        "channel": means,
        "purpose": purpose,
        "granted": choice.granted,
        "at": choice.at,
        "by": choice.by,
    }
