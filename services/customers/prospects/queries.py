"""Reading prospects, what was noted of them, and where they may come from."""

from dataclasses import asdict, dataclass
from typing import Final
from uuid import UUID

from asyncpg import Record
from sqlmodel import col

from services.customers.context import Context
from services.customers.heads.store.names import beside, name_of, name_of_seen
from services.customers.prospects.domain import Prospect, ProspectNote, ProspectNotFound, ProspectState, Source
from services.customers.prospects.store import NOTES, SEEN, SOURCES, opened, opened_note, prospects
from services.customers.prospects.tables import ProspectSourceRow
from shared.ids import FROM_THE_END
from shared.statement import Statement

_SOURCES: Final = Statement(SOURCES.order_by(col(ProspectSourceRow.code)), Source)
_READ: Final = prospects(
    beside(
        owner_name=name_of("staff", "p.owner_id"),
        referred_by_name=name_of_seen("p.referred_by_customer_id"),
        customer_name=name_of_seen("p.customer_id"),
    )
)
_ONE: Final = Statement("{all} WHERE p.id = :id AND {seen}", all=_READ, seen=SEEN)
_WRITTEN: Final = Statement("{all} WHERE p.id = :id", all=_READ)
_PAGE: Final = Statement(
    """
    {all} WHERE p.id < :before AND {seen}
        AND (CAST(:state AS text) IS NULL OR p.state = :state)
        AND (CAST(:source AS text) IS NULL OR p.source = :source)
        AND (CAST(:owner_id AS uuid) IS NULL OR p.owner_id = :owner_id)
    ORDER BY p.id DESC LIMIT :most
    """,
    all=_READ,
    seen=SEEN,
)
_NOTES: Final = Statement(
    "{all} WHERE n.prospect_id = :id AND n.id < :before ORDER BY n.id DESC LIMIT :most", all=NOTES
)


@dataclass(frozen=True, slots=True)
class ReadProspect(Prospect):
    """A prospect with names beside ids: of who looks after them, and trading names of the stores that referred them and
    that they became; None of a person, and of a customer whom the reader does not see."""

    owner_name: str | None = None
    referred_by_name: str | None = None
    customer_name: str | None = None


def _read(context: Context, row: Record) -> ReadProspect:
    names = {name: row[name] for name in ("owner_name", "referred_by_name", "customer_name")}
    return ReadProspect(**asdict(opened(row, context.personal)), **names)


@dataclass(frozen=True, slots=True)
class Wanted:
    """By what a list of prospects is narrowed."""

    state: ProspectState | None = None
    source: str | None = None
    owner_id: UUID | None = None


async def sources(context: Context) -> list[Source]:
    """All sources."""
    return await _SOURCES.all(context.database)


async def read(context: Context, id_: UUID, *, viewer: UUID | None) -> ReadProspect:
    """Raises ProspectNotFound, also for one whom the viewer does not see."""
    row = await _ONE.one(context.database, id=id_, viewer=viewer)
    if row is None:
        raise ProspectNotFound("no prospect has this id")
    return _read(context, row)


async def written(context: Context, id_: UUID, *, viewer: UUID | None) -> ReadProspect:
    """One that was written just now, also where they are out of the viewer's sight since."""
    [row] = await _WRITTEN.all(context.database, id=id_, viewer=viewer)
    return _read(context, row)


async def page(
    context: Context, wanted: Wanted, before: UUID | None, most: int, *, viewer: UUID | None
) -> list[ReadProspect]:
    """Prospects whom the viewer sees, the latest first."""
    rows = await _PAGE.all(
        context.database,
        state=wanted.state,
        source=wanted.source,
        owner_id=wanted.owner_id,
        before=before or FROM_THE_END,
        most=most,
        viewer=viewer,
    )
    return [_read(context, row) for row in rows]


async def notes(
    context: Context, id_: UUID, before: UUID | None, most: int, *, viewer: UUID | None
) -> list[ProspectNote]:
    """What was noted of a prospect, the latest first. Raises ProspectNotFound."""
    await read(context, id_, viewer=viewer)
    rows = await _NOTES.all(context.database, id=id_, before=before or FROM_THE_END, most=most)
    return [opened_note(row, context.personal) for row in rows]
