"""What imports made of payments, contracts and people, and whom their rows are about."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import Text, Uuid, select
from sqlmodel import col

from services.customers.archive.tables import ArchiveRow
from services.customers.imports.domain.jobs import Made
from services.customers.imports.tables import ImportMadeRow
from services.customers.merged import store as merged
from shared.db import Connection
from shared.statement import Scalar, Statement, any_given, by_column, given, insert_many

_NUMBERED = Statement(
    select(col(ArchiveRow.external_no), col(ArchiveRow.customer_id)).where(
        col(ArchiveRow.external_no) == any_given("numbers", Text)
    )
)
_RULE = insert_many(ImportMadeRow, "id", "version", "created", import_id=given("import_id", Uuid))
_KEEP = Statement(
    _RULE.on_conflict_do_update(index_elements=["import_id", "id"], set_={"version": _RULE.excluded.version})
)
_NEXT = Statement(
    select(col(ImportMadeRow.id), col(ImportMadeRow.version), col(ImportMadeRow.created))
    .where(col(ImportMadeRow.import_id) == given("import_id"), col(ImportMadeRow.id) > given("after"))
    .order_by(col(ImportMadeRow.id))
    .limit(given("most")),
    Made,
)
_KNOWN_OTHERWISE = Scalar(
    """
    SELECT p.id FROM unnest(:ids::uuid[]) AS p(id)
    WHERE EXISTS (SELECT FROM important_date d WHERE d.person_id = p.id)
        OR EXISTS (SELECT FROM relation r WHERE r.from_id = p.id)
        OR EXISTS (SELECT FROM relation r WHERE r.to_id = p.id)
    """,
    UUID,
)
"""By hand: dates and relations, which no import brings."""


async def customers(transaction: Connection, numbers: Sequence[str]) -> dict[str, UUID]:
    """Whose the numbers are, of merged customers who is kept; those that nobody has are left out."""
    found = await _NUMBERED.all(transaction, numbers=numbers)
    present = {row["external_no"]: row["customer_id"] for row in found}
    left = set(numbers).difference(present)
    return {**await merged.by_numbers(transaction, sorted(left)), **present} if left else present


async def keep(transaction: Connection, import_id: UUID, made: Sequence[Made]) -> None:
    """Remembers what an import made; of what it changed twice, that it was not there before the first time."""
    if made:
        await _KEEP.execute(transaction, import_id=import_id, **by_column(asdict(each) for each in made))


async def following(transaction: Connection, import_id: UUID, after: UUID, most: int) -> list[Made]:
    """The next of what it made."""
    return await _NEXT.all(transaction, import_id=import_id, after=after, most=most)


async def known_otherwise(transaction: Connection, people: Sequence[UUID]) -> set[UUID]:
    """Of held people those of whom somebody has entered a date or a relation."""
    return set(await _KNOWN_OTHERWISE.all(transaction, ids=people))
