"""Showing the history of a customer; whoever sees something personal of it in full is entered in the audit."""

from collections.abc import Collection
from uuid import UUID

from services.customers.archive.handlers import UNMASKED
from services.customers.change_history import domain, queries
from services.customers.change_history.domain import Entry
from services.customers.context import Context
from shared import audit
from shared.auth.principal import Principal


async def show_page(
    context: Context,
    customer_id: UUID,
    roles: Collection[str],
    caller: Principal,
    before: UUID | None,
    most: int,
    *,
    viewer: UUID | None,
) -> list[Entry]:
    """A page for somebody with these roles, the newest first. Raises CustomerNotFound."""
    found = await queries.page(context, customer_id, before, most, viewer=viewer)
    if any(each.says_personal() and domain.sees(each, roles) for each in found[: most - 1]):
        await audit.enter(context.database, caller.id, UNMASKED, customer_id)
    return [domain.seen_by(each, roles) for each in found]
