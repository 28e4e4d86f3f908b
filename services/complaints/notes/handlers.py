"""Writing a note into the history of a case."""

from uuid import UUID

from services.complaints.cases.domain import Said
from services.complaints.cases.queries import read_case
from services.complaints.cases.store.holding import lock
from services.complaints.context import Context
from services.complaints.history import handlers as history
from services.complaints.history.handlers import Movement
from services.complaints.notes.domain import NOTE


async def write(context: Context, case_id: UUID, text: str, by: UUID, *, viewer: UUID | None) -> UUID:
    """Keeps a note, sealed, and gives its id. Nothing of the case moves by it, so nothing is told of it.

    Raises ComplaintNotFound where the case is not the viewer's to see.
    """
    await read_case(context, case_id, viewer=viewer)
    async with context.database.transaction() as transaction:
        case = await lock(transaction, case_id)
        movement = Movement(case, NOTE, Said(text, None, by), context.clock.now())
        await history.append(transaction, context, movement)
    return movement.entry_id
