"""Traits in the database; what is said in words is sealed on the way in and opened on the way out."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import orjson
from asyncpg import Record
from sqlalchemy import select
from sqlmodel import col

from services.customers.traits.domain import IN_WORDS, OF_STORES, TraitKind, Traits, TraitValue, texts
from services.customers.traits.tables import TraitKindRow, TraitsRow
from shared.db import Connection
from shared.key_ring import Sealer
from shared.statement import Reader, Scalar, Statement, excluded, given, insert_one, table

_COLUMNS: Final = ("customer_id", "version", *OF_STORES, "more", "sealed", "changed_at", "changed_by")
_KIND: Final = tuple(each.name for each in fields(TraitKind))
TRAITS: Final = select(*(table(TraitsRow).c[name] for name in ("version", *OF_STORES, "more", "sealed", "changed_at")))
"""What `opened` needs of traits."""
_ONE: Final = Statement(TRAITS.where(col(TraitsRow.customer_id) == given("customer_id")))
_SAVE: Final = Statement(
    insert_one(TraitsRow, *_COLUMNS).on_conflict_do_update(
        index_elements=[col(TraitsRow.customer_id)],
        set_={name: excluded(TraitsRow)[name] for name in _COLUMNS if name != "customer_id"},
    )
)
_KINDS: Final = Statement(
    select(*(table(TraitKindRow).c[name] for name in _KIND)).order_by(
        col(TraitKindRow.added_at), col(TraitKindRow.code)
    ),
    TraitKind,
)
_ADD_KIND: Final = Scalar(
    insert_one(TraitKindRow, *_KIND, "added_at").on_conflict_do_nothing().returning(col(TraitKindRow.code)), str
)


async def read(reader: Reader, customer_id: UUID, sealer: Sealer, kinds: Mapping[str, TraitKind]) -> Traits:
    """A customer's traits; of who has none an empty first version."""
    row = await _ONE.one(reader, customer_id=customer_id)
    return Traits() if row is None else opened(row, customer_id, sealer, kinds)


def opened(row: Record, customer_id: UUID, sealer: Sealer, kinds: Mapping[str, TraitKind]) -> Traits:
    """The traits in a row of TRAITS."""
    words: dict[str, Any] = orjson.loads(sealer.open(row["sealed"], customer_id.bytes))
    more = {code: _read(value, kinds[code]) for code, value in row["more"].items()} | words.pop("more")
    return Traits(
        row["version"], **{name: row[name] for name in OF_STORES}, **words, more=more, changed_at=row["changed_at"]
    )


async def save(
    transaction: Connection,
    customer_id: UUID,
    traits: Traits,
    sealer: Sealer,
    kinds: Mapping[str, TraitKind],
    *,
    at: datetime,
    by: UUID,
) -> None:
    """Writes the traits of a held customer as they stand."""
    worded = texts(kinds.values())
    words = {name: getattr(traits, name) for name in IN_WORDS}
    words["more"] = {code: value for code, value in traits.more.items() if code in worded}
    plain = {code: value for code, value in traits.more.items() if code not in worded}
    await _SAVE.execute(
        transaction,
        customer_id=customer_id,
        version=traits.version,
        **{name: getattr(traits, name) for name in OF_STORES},
        more=plain,
        sealed=sealer.seal(orjson.dumps(words), customer_id.bytes),
        changed_at=at,
        changed_by=by,
    )


async def kinds_by_code(reader: Reader) -> dict[str, TraitKind]:
    """Every kind, in the order in which they were added."""
    return {kind.code: kind for kind in await _KINDS.all(reader)}


async def add_kind(transaction: Connection, kind: TraitKind, at: datetime) -> bool:
    """Adds a kind; False where its code is taken."""
    return await _ADD_KIND.one(transaction, **asdict(kind), added_at=at) is not None


def _read(value: Any, kind: TraitKind) -> TraitValue:
    match kind.type:
        case "number":
            return Decimal(value)
        case "day":
            return date.fromisoformat(value)
        case _:
            return bool(value)
