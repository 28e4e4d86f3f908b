"""Showing names; of persons whose names somebody sees in full it is entered."""

from collections.abc import Sequence
from uuid import UUID

from services.customers.archive.handlers import UNMASKED
from services.customers.context import Context
from services.customers.masking.domain import in_full, roles_of
from services.customers.names import queries
from services.customers.names.domain import Named, as_asked, shown
from shared import aliases, audit
from shared.auth.principal import Principal
from shared.auth.visibility import viewer


async def show_names(context: Context, ids: Sequence[UUID], caller: Principal) -> list[Named]:
    """What the ids stand for as the caller sees it; that of a merged customer for the one who is kept."""
    roles = roles_of(caller)
    gone = await aliases.kept(context.database, ids) if await aliases.known(context.database) else {}
    found = await queries.names(context, [*ids, *gone.values()], viewer=viewer(caller))
    if "name" in in_full(roles):
        await audit.enter_many(context.database, caller.id, UNMASKED, [each.id for each in found if each.personal])
    return [shown(each, roles) for each in as_asked(found, ids, gone)]
