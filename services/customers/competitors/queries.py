"""Reading competitors, and what was seen and said of them in stores that the viewer sees."""

from functools import cache
from typing import Final
from uuid import UUID

from asyncpg import Record

from services.customers.competitors.domain import Competitor, CompetitorNotFound, ElsewhereReport, Sighting
from services.customers.competitors.store import COMPETITORS, REPORT, SIGHTING, opened, report_in, sighting_in
from services.customers.context import Context
from services.customers.heads.store import rows
from services.customers.heads.store.visibility import sees
from shared.ids import FROM_THE_END
from shared.statement import Statement, part

_ONE: Final = Statement("{all} WHERE id = :id", all=part(COMPETITORS))
_PAGE: Final = Statement(
    """
    {all} WHERE id < :before AND (CAST(:name AS text) IS NULL OR position(lower(:name) IN lower(name)) > 0
        OR EXISTS (SELECT FROM unnest(brands) b WHERE position(lower(:name) IN lower(b)) > 0))
    ORDER BY id DESC LIMIT :most
    """,
    all=part(COMPETITORS),
)
"""By hand: by a part of the name or of a brand. There are as many competitors as a market has, some hundreds."""
_REPORTS: Final = Statement(
    """
    SELECT {columns} FROM elsewhere_report
    WHERE customer_id = :customer_id AND id < :before ORDER BY id DESC LIMIT :most
    """,
    columns=", ".join(REPORT),
)


@cache
def _sightings(of: str) -> Statement[Record]:
    """What was seen of a competitor, or in a store (`of` is the column), each by its own index."""
    return Statement(
        "SELECT {columns} FROM competitor_sighting s WHERE s.{of} = :id AND s.id < :before AND {seen}"
        " ORDER BY s.id DESC LIMIT :most",
        columns=", ".join(f"s.{name}" for name in SIGHTING),
        of=of,
        seen=sees("s.customer_id"),
    )


async def read(context: Context, id_: UUID) -> Competitor:
    """Raises CompetitorNotFound."""
    row = await _ONE.one(context.database, id=id_)
    if row is None:
        raise CompetitorNotFound("no competitor has this id")
    return opened(row, context.words)


async def page(context: Context, name: str | None, before: UUID | None, most: int) -> list[Competitor]:
    """Competitors, the latest first; `name` is a part of their name or of a brand."""
    found = await _PAGE.all(context.database, name=name, before=before or FROM_THE_END, most=most)
    return [opened(row, context.words) for row in found]


async def of_competitor(
    context: Context, id_: UUID, before: UUID | None, most: int, *, viewer: UUID | None
) -> list[Sighting]:
    """What was seen of a competitor, the latest first, in stores that the viewer sees. Raises CompetitorNotFound."""
    await read(context, id_)
    return await _seen(context, "competitor_id", id_, before, most, viewer)


async def at_customer(
    context: Context, customer_id: UUID, before: UUID | None, most: int, *, viewer: UUID | None
) -> list[Sighting]:
    """What was seen of competitors in a store, the latest first. Raises CustomerNotFound."""
    await rows.head(context.database, customer_id, viewer=viewer)
    return await _seen(context, "customer_id", customer_id, before, most, viewer)


async def reports(
    context: Context, customer_id: UUID, before: UUID | None, most: int, *, viewer: UUID | None
) -> list[ElsewhereReport]:
    """What was said of a store that orders elsewhere, the latest first. Raises CustomerNotFound."""
    await rows.head(context.database, customer_id, viewer=viewer)
    found = await _REPORTS.all(context.database, customer_id=customer_id, before=before or FROM_THE_END, most=most)
    return [report_in(row, context.words) for row in found]


async def _seen(
    context: Context, of: str, id_: UUID, before: UUID | None, most: int, viewer: UUID | None
) -> list[Sighting]:
    found = await _sightings(of).all(context.database, id=id_, before=before or FROM_THE_END, most=most, viewer=viewer)
    return [sighting_in(row, context.words) for row in found]
