"""A call comes in: who it is, in one request (domain 2.8)."""

from uuid import UUID

from services.customers.archive import queries as archive
from services.customers.context import Context
from services.customers.purchases import queries as purchases
from services.customers.screenpop.domain import CallerNotFound, Colleague, ScreenPop

LAST_PURCHASES = 5

_COLLEAGUES = """
SELECT t.role, s.id, s.name FROM account_team t JOIN staff s ON s.id = t.staff_id
WHERE t.customer_id = $1 ORDER BY t.role
"""


async def screen_pop(context: Context, phone: str, *, viewer: UUID | None) -> ScreenPop:
    """What to know of the caller; of several with one number the highest tier comes first.

    Raises CallerNotFound, also for customers whom the viewer does not see.
    """
    found = await archive.by_phone(context, phone, viewer=viewer)
    if not found:
        raise CallerNotFound("no customer has this phone number")
    caller, *others = found
    return ScreenPop(
        caller,
        await colleagues(context, caller.id),
        await purchases.newest_first(context, caller.id, None, LAST_PURCHASES, viewer=viewer),
        others,
    )


async def colleagues(context: Context, customer_id: UUID) -> dict[str, Colleague]:
    """Role in the customer's team -> who sits there."""
    rows = await context.database.fetch(_COLLEAGUES, customer_id)
    return {row["role"]: Colleague(row["id"], row["name"]) for row in rows}
