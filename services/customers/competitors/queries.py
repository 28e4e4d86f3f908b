"""Reading competitors, and what was seen and said of them in stores that the viewer sees."""

from dataclasses import dataclass, fields
from functools import cache
from typing import Final
from uuid import UUID

from asyncpg import Record

from services.customers.competitors.domain import Competitor, CompetitorNotFound, ElsewhereReport, Sighting
from services.customers.competitors.store import COMPETITORS, REPORT, SIGHTING, opened, report_in, sighting_in
from services.customers.context import Context
from services.customers.heads.store import rows
from services.customers.heads.store.names import beside, name_of
from services.customers.heads.store.visibility import sees
from shared.ids import FROM_THE_END
from shared.statement import Statement, part, with_parts

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
_REPORT: Final = with_parts(
    "SELECT {columns}, {names} FROM elsewhere_report r",
    columns=", ".join(f"r.{name}" for name in REPORT),
    names=beside(competitor_name=name_of("competitor", "r.competitor_id")),
)
_ONE_REPORT: Final = Statement("{all} WHERE r.id = :id", all=_REPORT)
_REPORTS: Final = Statement(
    "{all} WHERE r.customer_id = :customer_id AND r.id < :before ORDER BY r.id DESC LIMIT :most", all=_REPORT
)
_SIGHTING: Final = with_parts(
    "SELECT {columns}, {names} FROM competitor_sighting s",
    columns=", ".join(f"s.{name}" for name in SIGHTING),
    names=beside(
        competitor_name=name_of("competitor", "s.competitor_id"), customer_name=name_of("customer", "s.customer_id")
    ),
)
_ONE_SIGHTING: Final = Statement("{all} WHERE s.id = :id", all=_SIGHTING)


@dataclass(frozen=True, slots=True)
class ReadSighting(Sighting):
    """What was seen, with the names of the competitor and of the store; of a person there is none."""

    competitor_name: str | None = None
    customer_name: str | None = None


@dataclass(frozen=True, slots=True)
class ReadReport(ElsewhereReport):
    """That a store orders elsewhere, with the name of the competitor, where that is known."""

    competitor_name: str | None = None


@cache
def _sightings(of: str) -> Statement[Record]:
    """What was seen of a competitor, or in a store (`of` is the column), each by its own index."""
    return Statement(
        "{all} WHERE s.{of} = :id AND s.id < :before AND {seen} ORDER BY s.id DESC LIMIT :most",
        all=_SIGHTING,
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
) -> list[ReadSighting]:
    """What was seen of a competitor, the latest first, in stores that the viewer sees. Raises CompetitorNotFound."""
    await read(context, id_)
    return await _seen(context, "competitor_id", id_, before, most, viewer)


async def at_customer(
    context: Context, customer_id: UUID, before: UUID | None, most: int, *, viewer: UUID | None
) -> list[ReadSighting]:
    """What was seen of competitors in a store, the latest first. Raises CustomerNotFound."""
    await rows.head(context.database, customer_id, viewer=viewer)
    return await _seen(context, "customer_id", customer_id, before, most, viewer)


async def reports(
    context: Context, customer_id: UUID, before: UUID | None, most: int, *, viewer: UUID | None
) -> list[ReadReport]:
    """What was said of a store that orders elsewhere, the latest first. Raises CustomerNotFound."""
    await rows.head(context.database, customer_id, viewer=viewer)
    found = await _REPORTS.all(context.database, customer_id=customer_id, before=before or FROM_THE_END, most=most)
    return [_report(row, context) for row in found]


async def _seen(
    context: Context, of: str, id_: UUID, before: UUID | None, most: int, viewer: UUID | None
) -> list[ReadSighting]:
    found = await _sightings(of).all(context.database, id=id_, before=before or FROM_THE_END, most=most, viewer=viewer)
    return [_sighting(row, context) for row in found]


async def written_sighting(context: Context, id_: UUID) -> ReadSighting:
    """What was entered just now."""
    [row] = await _ONE_SIGHTING.all(context.database, id=id_)
    return _sighting(row, context)


async def written_report(context: Context, id_: UUID) -> ReadReport:
    """The same of a report."""
    [row] = await _ONE_REPORT.all(context.database, id=id_)
    return _report(row, context)


def _sighting(row: Record, context: Context) -> ReadSighting:
    seen = sighting_in(row, context.words)
    stands = {each.name: getattr(seen, each.name) for each in fields(seen)}
    return ReadSighting(**stands, competitor_name=row["competitor_name"], customer_name=row["customer_name"])


def _report(row: Record, context: Context) -> ReadReport:
    told = report_in(row, context.words)
    stands = {each.name: getattr(told, each.name) for each in fields(told)}
    return ReadReport(**stands, competitor_name=row["competitor_name"])
