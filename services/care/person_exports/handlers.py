"""Exporting what is kept of a person; it is entered who did."""

from uuid import UUID

from services.care.context import Context
from services.care.person_exports import queries
from shared import audit
from shared.person_archive import EXPORTED, packed_aside
from shared.purposes import check_whole


async def export(context: Context, person_id: UUID, *, by: UUID) -> bytes:
    """The archive of this service; of who is not known, or was erased, without anything personal. Raises
    PurposeTooNarrow."""
    check_whole()
    async with context.database.connection() as reader:
        sections = await queries.sections(context, reader, person_id)
    await audit.enter(context.database, by, EXPORTED, person_id)
    return await packed_aside("care", person_id, context.clock.now(), sections)
