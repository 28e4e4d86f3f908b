"""Showing the history of a customer; whoever sees something personal of it in full is entered in the audit."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from services.customers.archive.handlers import UNMASKED
from services.customers.change_history import domain, queries
from services.customers.change_history.domain import Entry
from services.customers.context import Context
from services.customers.dates.handlers import UNMASKED as DATE_UNMASKED
from services.customers.owners.domain import PREFIX as OWNER
from services.customers.owners.handlers import UNMASKED as OWNER_UNMASKED
from services.customers.people.domain import PREFIX as PERSON
from services.customers.people.handlers import UNMASKED as PERSON_UNMASKED
from shared import audit
from shared.auth.principal import Principal

_UNMASKED: Final = {OWNER: OWNER_UNMASKED, PERSON: PERSON_UNMASKED, "date.": DATE_UNMASKED}
"""What is entered of whom, by how the field begins; of others that the customer was shown."""


async def show_page(
    context: Context,
    customer_id: UUID,
    in_full: Collection[str],
    caller: Principal,
    before: UUID | None,
    most: int,
    *,
    viewer: UUID | None,
) -> list[Entry]:
    """A page for who sees these personal fields in full, the newest first. Raises CustomerNotFound."""
    found = await queries.page(context, customer_id, before, most, viewer=viewer)
    shown = [each for each in found[: most - 1] if each.says_personal() and domain.sees(each, in_full)]
    seen: dict[str, dict[UUID, None]] = {}
    for each in shown:
        what = next((what for prefix, what in _UNMASKED.items() if each.field.startswith(prefix)), UNMASKED)
        seen.setdefault(what, {})[customer_id if what == UNMASKED else each.whose] = None
    for what, whose in seen.items():
        await audit.enter_many(context.database, caller.id, what, list(whose))
    return [domain.seen_by(each, in_full) for each in found]
