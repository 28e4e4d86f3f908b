"""The names of cells in the database."""

from typing import Final

from sqlalchemy import select
from sqlmodel import col

from services.customers.segment_names.domain import SegmentNames
from services.customers.segment_names.tables import SegmentNamesRow
from services.customers.worth_policies.store import versions_of
from shared.db import Connection
from shared.statement import Reader, Statement, insert_one, table

_FIELDS: Final = ("version", "id", "definition", "set_at", "set_by")
_PRESENT: Final = Statement(
    select(*(table(SegmentNamesRow).c[name] for name in _FIELDS))
    .order_by(col(SegmentNamesRow.version).desc())
    .limit(1),
    SegmentNames.kept,
)
_ADD: Final = Statement(insert_one(SegmentNamesRow, *_FIELDS))
_HOLD: Final = Statement("LOCK TABLE segment_names IN SHARE ROW EXCLUSIVE MODE")
"""By hand: no builder has it."""
VERSIONS: Final = versions_of("segment_names", SegmentNames.kept)


async def present(reader: Reader) -> SegmentNames:
    """The version that holds; the migration brings the first."""
    [found] = await _PRESENT.all(reader)
    return found


async def hold(transaction: Connection) -> None:
    """Two who set a version at once follow each other; readers go on."""
    await _HOLD.execute(transaction)


async def add(transaction: Connection, names: SegmentNames) -> None:
    """The next version."""
    values = {name: getattr(names, name) for name in _FIELDS if name != "definition"}
    await _ADD.execute(transaction, **values, definition=names.definition())
