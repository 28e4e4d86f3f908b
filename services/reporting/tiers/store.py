"""Closed months in the database."""

from collections.abc import Sequence

from sqlmodel import col

from services.reporting.tiers.tables import ClosedMonthRow
from shared.contracts.customers import MonthClosed
from shared.db import Connection
from shared.statement import Statement, by_column, excluded, insert_many

_GIVEN = excluded(ClosedMonthRow)
_KEEP = Statement(
    insert_many(
        ClosedMonthRow, "month", "revision", "closed_at", "tiers", "moves", ordered_by=("month",)
    ).on_conflict_do_update(
        index_elements=["month"],
        set_={name: _GIVEN[name] for name in ("revision", "closed_at", "tiers", "moves")},
        where=_GIVEN.revision >= col(ClosedMonthRow.revision),
    )
)


async def keep(transaction: Connection, months: Sequence[MonthClosed]) -> None:
    """Keeps closed months; an earlier revision never replaces a later one."""
    await _KEEP.execute(transaction, **by_column(map(_row, months)))


def _row(fact: MonthClosed) -> dict[str, object]:
    return {
        "month": fact.month,
        "revision": fact.revision,
        "closed_at": fact.closed_at,
        "tiers": {tier: share.model_dump(mode="json") for tier, share in fact.tiers.items()},
        "moves": fact.moves,
    }
