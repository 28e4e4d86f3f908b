"""Listing cases as it is asked; who looks up whose a phone is, is counted and entered for good."""

from uuid import UUID

from services.complaints.cases.queries import Row
from services.complaints.context import Context
from services.complaints.lists.domain import ListOrder, ListPlace, Wanted
from services.complaints.lists.queries.finding import find_cases
from services.complaints.lists.queries.listing import list_cases, place_of
from services.complaints.search.queries import contact_sought
from shared import audit
from shared.auth.principal import Principal
from shared.auth.visibility import viewer
from shared.plans import planned_by_values
from shared.purposes import needed_for, stated

WHAT = "complainant.looked_up"


async def list_page(
    context: Context, wanted: Wanted, order: ListOrder, after: ListPlace | None, limit: int, caller: Principal
) -> tuple[list[Row], ListPlace | None]:
    """A page of cases that the caller sees, and the place after which to go on; None when there are no more.

    Raises SearchTooShort, and TooMany for who looks up too many phones. The audit tells who looked one up, when, and
    the first case that was found, never the number; for a purpose that needs no phones none is found by one.
    """
    if wanted.phone is not None:
        context.lookups.count(caller)
    if wanted.phone is None or "phones" in needed_for(stated()):
        found, following = await _page(context, wanted, order, after, limit, caller)
    else:
        found, following = [], None
    if wanted.phone is not None:
        subject = UUID(found[0]["id"]) if found else None
        digest = contact_sought(context, wanted.phone)
        await audit.enter(context.database, caller.id, WHAT, subject, digest=digest)
    return found, following


async def _page(
    context: Context, wanted: Wanted, order: ListOrder, after: ListPlace | None, limit: int, caller: Principal
) -> tuple[list[Row], ListPlace | None]:
    seen_by = viewer(caller)
    if wanted.text is not None:
        async with planned_by_values(context.database) as reader:
            return await find_cases(context, reader, wanted, order, after, limit, viewer=seen_by)
    found = await list_cases(context, wanted, order, after, limit + 1, viewer=seen_by)
    return found[:limit], place_of(found[limit - 1]) if len(found) > limit else None
