"""Showing names; whose names somebody sees in full is entered, each as what their own routes enter."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from services.customers.archive.handlers import UNMASKED
from services.customers.context import Context
from services.customers.masking.handlers import fields_seen
from services.customers.names import queries
from services.customers.names.domain import Named, NamedKind, as_asked, shown
from services.customers.owners.handlers import UNMASKED as OWNER_UNMASKED
from services.customers.people.handlers import UNMASKED as PERSON_UNMASKED
from services.customers.prospects.handlers import SHOWN as PROSPECT_UNMASKED
from shared import aliases, audit
from shared.auth.principal import Principal
from shared.auth.visibility import viewer

_ENTERED: Final[Mapping[NamedKind, str]] = {
    "customer": UNMASKED,
    "owner": OWNER_UNMASKED,
    "person": PERSON_UNMASKED,
    "prospect": PROSPECT_UNMASKED,
}
"""What is entered of whom."""


async def show_names(context: Context, ids: Sequence[UUID], caller: Principal) -> list[Named]:
    """What the ids stand for as the caller sees it; that of a merged customer for the one who is kept."""
    seen = fields_seen(caller)
    gone = await aliases.kept(context.database, ids) if await aliases.known(context.database) else {}
    found = await queries.names(context, [*ids, *gone.values()], viewer=viewer(caller))
    if "name" in seen:
        for kind, what in _ENTERED.items():
            unmasked = [each.id for each in found if each.personal and each.kind == kind]
            await audit.enter_many(context.database, caller.id, what, unmasked)
    return [shown(each, seen) for each in as_asked(found, ids, gone)]
