"""Reading the people of stores."""

from typing import Final
from uuid import UUID

from sqlmodel import col

from services.customers.context import Context
from services.customers.heads.store import rows as heads
from services.customers.people import store
from services.customers.people.domain import Person, PersonNotFound
from services.customers.people.store import PEOPLE, opened
from services.customers.people.tables import PersonRow
from shared.statement import Statement, given

_OF_STORE = (
    PEOPLE.where(col(PersonRow.customer_id) == given("customer_id"), col(PersonRow.id) > given("after"))
    .order_by(col(PersonRow.id))
    .limit(given("most"))
)
_PRESENT: Final = Statement(_OF_STORE.where(col(PersonRow.left_on).is_(None)))
_ALL: Final = Statement(_OF_STORE)
NOBODY: Final = UUID(int=0)


async def page(
    context: Context, customer_id: UUID, after: UUID | None, most: int, *, left: bool, viewer: UUID | None
) -> list[Person]:
    """The people of a store in the order in which they were entered; `left`: those who have left, too.

    Raises CustomerNotFound, also for a store that the viewer does not see.
    """
    await heads.head(context.database, customer_id, viewer=viewer)
    chosen = _ALL if left else _PRESENT
    rows = await chosen.all(context.database, customer_id=customer_id, after=after or NOBODY, most=most)
    return [opened(row, context.personal) for row in rows]


async def read(context: Context, customer_id: UUID, id_: UUID, *, viewer: UUID | None) -> Person:
    """Somebody of a store. Raises CustomerNotFound, PersonNotFound."""
    await heads.head(context.database, customer_id, viewer=viewer)
    found = await store.read(context.database, context.personal, id_)
    if found is None or found.customer_id != customer_id:
        raise PersonNotFound("the store has nobody with this id")
    return found
