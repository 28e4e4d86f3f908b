"""Tiers set by hand, and their lines of the tier history, in the database. Reasons lie sealed."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, literal_column, select, update
from sqlmodel import col

from services.customers.tiers.domain.overrides import Override
from services.customers.tiers.domain.standing import TierChange
from services.customers.tiers.tables import TierChangeRow, TierOverrideRow
from shared.db import Connection
from shared.personal import Vault
from shared.statement import (
    Reader,
    Scalar,
    Statement,
    any_given,
    by_column,
    given,
    insert_one,
    table,
    update_many,
)

_OVERRIDE = tuple(field.name for field in fields(Override))
_CHANGE = tuple(field.name for field in fields(TierChange) if field.name not in ("month", "merged_id"))

_STANDING = Statement(
    select(*(table(TierOverrideRow).c[name] for name in (*_OVERRIDE, "words"))).where(
        col(TierOverrideRow.customer_id) == given("customer_id"), col(TierOverrideRow.ended_at).is_(None)
    ),
    dict[str, Any],
)
_ADD_OVERRIDE = Statement(insert_one(TierOverrideRow, *_OVERRIDE, "words"))
_IN_THE_OPEN = Statement(
    select(col(TierOverrideRow.id), col(TierOverrideRow.reason))
    .where(col(TierOverrideRow.words).is_(None))
    .order_by(col(TierOverrideRow.id))
    .limit(given("most"))
    .with_for_update(skip_locked=True)
)
_SEAL = Statement(update_many(TierOverrideRow, "id", "words", reason=literal_column("''")))
_END_OVERRIDES = Statement(
    update(TierOverrideRow)
    .values(ended_at=given("at"))
    .where(col(TierOverrideRow.customer_id) == any_given("customers", Uuid), col(TierOverrideRow.ended_at).is_(None))
)
_DUE_OVERRIDES = Scalar(
    select(col(TierOverrideRow.customer_id))
    .where(col(TierOverrideRow.ended_at).is_(None), col(TierOverrideRow.until) <= given("now"))
    .order_by(col(TierOverrideRow.until))
    .limit(given("most")),
    UUID,
)
_ADD_CHANGE = Statement(insert_one(TierChangeRow, "customer_id", *_CHANGE))


async def override(reader: Reader, customer_id: UUID, vault: Vault) -> Override | None:
    """The override that stands for a customer, its reason opened."""
    row = await _STANDING.one(reader, customer_id=customer_id)
    if row is None:
        return None
    words = row.pop("words")
    return Override(**row) if words is None else Override(**{**row, "reason": _opened(vault, row["id"], words)})


async def is_overridden(reader: Reader, customer_id: UUID) -> bool:
    """Whether an override stands for a customer."""
    return await _STANDING.one(reader, customer_id=customer_id) is not None


async def add_override(transaction: Connection, new: Override, vault: Vault) -> None:
    await _ADD_OVERRIDE.execute(transaction, **{**asdict(new), "reason": ""}, words=_sealed(vault, new.id, new.reason))


async def seal_reasons(transaction: Connection, vault: Vault, most: int) -> int:
    """Seals reasons that an earlier release wrote in the open, up to `most`; how many."""
    rows = await _IN_THE_OPEN.all(transaction, most=most)
    if rows:
        sealed = ({"id": row["id"], "words": _sealed(vault, row["id"], row["reason"])} for row in rows)
        await _SEAL.execute(transaction, **by_column(sealed))
    return len(rows)


def _sealed(vault: Vault, id_: UUID, reason: str) -> bytes:
    return vault.seal(reason.encode(), id_.bytes)


def _opened(vault: Vault, id_: UUID, words: bytes) -> str:
    return vault.open(words, id_.bytes).decode()


async def add_change(transaction: Connection, customer_id: UUID, change: TierChange) -> None:
    """A change by hand: it belongs to no closed month."""
    values = {name: getattr(change, name) for name in _CHANGE}
    await _ADD_CHANGE.execute(transaction, customer_id=customer_id, **values)


async def end_overrides(transaction: Connection, customers: Sequence[UUID], at: datetime) -> None:
    await _END_OVERRIDES.execute(transaction, customers=customers, at=at)


async def due_overrides(reader: Reader, now: datetime, most: int) -> list[UUID]:
    """Customers whose override has run out."""
    return await _DUE_OVERRIDES.all(reader, now=now, most=most)
