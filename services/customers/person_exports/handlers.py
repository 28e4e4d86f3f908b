"""Exporting what is kept of a person; it is entered who did."""

from uuid import UUID

from services.customers.context import Context
from services.customers.person_exports import queries
from shared import audit
from shared.person_archive import EXPORTED, packed_aside
from shared.purposes import check_whole


async def export(context: Context, person_id: UUID, *, by: UUID) -> bytes:
    """The archive of this service; of who was erased without anything personal. Raises PurposeTooNarrow,
    CustomerNotFound."""
    check_whole()
    sections = await queries.sections(context, person_id)
    letters = await queries.letters(context, person_id)
    sections["contract_letters"] = [
        {"contract_id": each.contract_id, "language": each.language, "file": file} for file, each in letters.items()
    ]
    await audit.enter(context.database, by, EXPORTED, person_id)
    files = {file: each.document for file, each in letters.items()}
    return await packed_aside("customers", person_id, context.clock.now(), sections, files)
