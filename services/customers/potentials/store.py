"""What customers could buy, in the database: each word is a row, the latest holds."""

from typing import Any, Final
from uuid import UUID

from asyncpg import Record
from sqlalchemy import literal_column, select
from sqlmodel import col

from services.customers.heads.store.names import name_of
from services.customers.potentials.domain import Potential
from services.customers.potentials.tables import PotentialRow
from shared.db import Connection
from shared.personal import Vault
from shared.statement import Reader, Statement, given, insert_one, table, with_parts

_OPEN: Final = ("id", "version", "customer_id", "amount", "said_at", "said_by")
POTENTIALS: Final = (
    select(*(table(PotentialRow).c[name] for name in (*_OPEN, "words")))
    .add_columns(literal_column(name_of("customer", "potential.customer_id")).label("customer_name"))
    .where(col(PotentialRow.customer_id) == given("customer_id"))
    .order_by(col(PotentialRow.id).desc())
)
_HOLDS: Final = Statement(POTENTIALS.limit(1))
_ADD: Final = Statement(insert_one(PotentialRow, *_OPEN, "words"))


def amount_of(customer_id: str) -> str:
    """What that one customer, such as c.id, could buy a month; null where nobody said."""
    return with_parts(
        "(SELECT y.amount FROM potential y WHERE y.customer_id = {customer_id} ORDER BY y.id DESC LIMIT 1)",
        customer_id=customer_id,
    )


def opened(row: Record, vault: Vault) -> Potential:
    """The potential in a row of POTENTIALS."""
    stands: dict[str, Any] = {name: row[name] for name in (*_OPEN, "customer_name")}
    words = row["words"]
    return Potential(**stands, reason=None if words is None else vault.open(words, row["id"].bytes).decode())


async def holds(reader: Reader, vault: Vault, customer_id: UUID) -> Potential | None:
    """What was said last; None where nobody said."""
    row = await _HOLDS.one(reader, customer_id=customer_id)
    return None if row is None else opened(row, vault)


async def add(transaction: Connection, vault: Vault, said: Potential, reason: str) -> None:
    """Adds what somebody says of a held customer."""
    words = vault.seal(reason.encode(), said.id.bytes)
    await _ADD.execute(transaction, **{name: getattr(said, name) for name in _OPEN}, words=words)
