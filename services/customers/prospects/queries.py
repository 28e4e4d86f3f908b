"""Reading prospects, what was noted of them, and where they may come from."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import col

from services.customers.context import Context
from services.customers.prospects import store
from services.customers.prospects.domain import Prospect, ProspectNote, ProspectNotFound, ProspectState, Source
from services.customers.prospects.store import NOTES, PROSPECTS, SEEN, SOURCES, opened, opened_note
from services.customers.prospects.tables import ProspectSourceRow
from shared.ids import FROM_THE_END
from shared.statement import Statement

_SOURCES: Final = Statement(SOURCES.order_by(col(ProspectSourceRow.code)), Source)
_PAGE: Final = Statement(
    """
    {all} WHERE p.id < :before AND {seen}
        AND (CAST(:state AS text) IS NULL OR p.state = :state)
        AND (CAST(:source AS text) IS NULL OR p.source = :source)
        AND (CAST(:owner_id AS uuid) IS NULL OR p.owner_id = :owner_id)
    ORDER BY p.id DESC LIMIT :most
    """,
    all=PROSPECTS,
    seen=SEEN,
)
_NOTES: Final = Statement(
    "{all} WHERE n.prospect_id = :id AND n.id < :before ORDER BY n.id DESC LIMIT :most", all=NOTES
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """By what a list of prospects is narrowed."""

    state: ProspectState | None = None
    source: str | None = None
    owner_id: UUID | None = None


async def sources(context: Context) -> list[Source]:
    """All sources."""
    return await _SOURCES.all(context.database)


async def read(context: Context, id_: UUID, *, viewer: UUID | None) -> Prospect:
    """Raises ProspectNotFound, also for one whom the viewer does not see."""
    found = await store.read(context.database, context.personal, id_, viewer=viewer)
    if found is None:
        raise ProspectNotFound("no prospect has this id")
    return found


async def page(
    context: Context, wanted: Wanted, before: UUID | None, most: int, *, viewer: UUID | None
) -> list[Prospect]:
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
    return [opened(row, context.personal) for row in rows]


async def notes(
    context: Context, id_: UUID, before: UUID | None, most: int, *, viewer: UUID | None
) -> list[ProspectNote]:
    """What was noted of a prospect, the latest first. Raises ProspectNotFound."""
    await read(context, id_, viewer=viewer)
    rows = await _NOTES.all(context.database, id=id_, before=before or FROM_THE_END, most=most)
    return [opened_note(row, context.personal) for row in rows]
