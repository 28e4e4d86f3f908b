"""A call comes in: who it is, in one request (domain 2.8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.customers.archive.domain import Customer
from services.customers.archive.store import customers as archive
from services.customers.context import Context
from services.customers.purchases import store as purchases
from services.customers.purchases.domain import Purchase
from services.customers.screenpop import store
from services.customers.screenpop.store import Colleague
from shared.errors import NotFound

LAST_PURCHASES = 5


class UnknownCaller(NotFound):
    slug = "unknown-caller"
    title = "Nobody is known by this number"


@dataclass(frozen=True, slots=True)
class ScreenPop:
    """Who calls, the team by role, the latest purchases, and who else has the number."""

    customer: Customer
    team: dict[str, Colleague]
    purchases: Sequence[Purchase]
    others: Sequence[Customer]


async def screen_pop(context: Context, phone: str, *, viewer: UUID | None) -> ScreenPop:
    """What to know of the caller; of several with one number the highest tier comes first.

    Raises UnknownCaller, also for customers whom the viewer does not see.
    """
    found = await archive.by_phone(context, phone, viewer)
    if not found:
        raise UnknownCaller("no customer has this phone number")
    caller, *others = found
    return ScreenPop(
        caller,
        await store.colleagues(context.database, caller.id),
        await purchases.newest_first(context.database, caller.id, None, LAST_PURCHASES, viewer),
        others,
    )
