"""Reading how far erasures are."""

from typing import Final
from uuid import UUID

from sqlmodel import col

from services.customers.context import Context
from services.customers.erasures import store
from services.customers.erasures.domain import Erasure, ErasureNotFound, Progress
from services.customers.erasures.store import ERASURES
from services.customers.erasures.tables import ErasureRow
from shared.statement import Statement, given

_ONE: Final = Statement(ERASURES.where(col(ErasureRow.id) == given("id")), Erasure)
_PAGE: Final = Statement(
    ERASURES.where(col(ErasureRow.id) > given("after")).order_by(col(ErasureRow.id)).limit(given("most")), Erasure
)
BELOW_EVERY_ID: Final = UUID(int=0)


async def read(context: Context, id_: UUID) -> Progress:
    """An erasure as it stands. Raises ErasureNotFound."""
    found = await _ONE.one(context.database, id=id_)
    if found is None:
        raise ErasureNotFound("no erasure has this id")
    return await progress(context, found)


async def page(context: Context, after: UUID | None, most: int) -> list[Progress]:
    """Erasures in the order in which they were asked for."""
    found = await _PAGE.all(context.database, after=after or BELOW_EVERY_ID, most=most)
    return [await progress(context, each) for each in found]


async def progress(context: Context, erasure: Erasure) -> Progress:
    """How far an erasure is, as the database knows it; what a broker keeps is looked up by who certifies."""
    confirmations = await store.confirmations(context.database, erasure.id)
    if erasure.completed_at is not None:
        return Progress(erasure, confirmations, uploads_left=False, contacts_left=False)
    return Progress(
        erasure,
        confirmations,
        uploads_left=await store.uploads_left(context.database, erasure.asked_at),
        contacts_left=erasure.kind == "customer",
    )


async def every_waiting(context: Context) -> list[Progress]:
    """Erasures without a certificate, with what the log and the broker still keep of their contacts."""
    waiting = [await progress(context, each) for each in await store.waiting(context.database)]
    told = [each.erasure for each in waiting if each.contacts_left and not each.awaited and not each.uploads_left]
    published = [each for each in told if not await store.contact_in_log(context.database, each)]
    keys = {each.id: {str(id_) for id_ in each.ids} for each in published}
    sought = set().union(*keys.values())
    kept = set(await context.kept_contacts(sought)) if sought else set()
    forgotten = {id_ for id_, own in keys.items() if not own & kept}
    return [
        Progress(each.erasure, each.confirmations, each.uploads_left, each.erasure.id not in forgotten)
        if each.contacts_left
        else each
        for each in waiting
    ]
