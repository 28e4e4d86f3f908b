"""Taking down what somebody saw on a shelf, and taking it back."""

from dataclasses import dataclass
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import locks
from services.customers.organisation.domain import Brand
from services.customers.organisation.store import gateway
from services.customers.shelf import domain, store
from services.customers.shelf.domain import Seen, Share, ShareNotFound
from shared import audit
from shared.db import Connection
from shared.ids import new_id
from shared.references import CustomerNotFound, UnknownBrand


@dataclass(frozen=True, slots=True)
class TakenDown:
    """What became of what was seen; `repeated`: it stood already."""

    share: Share
    repeated: bool


async def take_down(context: Context, customer_id: UUID, seen: Seen, *, by: UUID, viewer: UUID | None) -> TakenDown:
    """Takes down which part of a shelf a brand had on a day; the same again is the same.

    Raises ShelfDateRefused, CustomerNotFound, UnknownBrand, ShareSeenAlready, ShelfOverfull.
    """
    seen.check_day(context.today())
    async with context.database.transaction() as transaction:
        await _hold(transaction, customer_id, viewer)
        if seen.brand_id is not None and await gateway(Brand).get(transaction, seen.brand_id) is None:
            raise UnknownBrand("no brand has this id", pointer="#/brand_id")
        standing = domain.settled(await store.of_day(transaction, customer_id, seen.seen_on), seen)
        if standing is not None:
            return TakenDown(standing, repeated=True)
        share = Share(
            id=new_id(),
            customer_id=customer_id,
            brand_id=seen.brand_id,
            competitor=seen.competitor,
            share=seen.share,
            seen_on=seen.seen_on,
            seen_by=by,
            entered_at=context.clock.now(),
        )
        await store.add(transaction, share)
    return TakenDown(share, repeated=False)


async def withdraw(context: Context, customer_id: UUID, id_: UUID, *, by: UUID, viewer: UUID | None) -> None:
    """Takes back what was taken down by mistake. Raises CustomerNotFound, ShareNotFound."""
    async with context.database.transaction() as transaction:
        await _hold(transaction, customer_id, viewer)
        if not await store.remove(transaction, customer_id, id_):
            raise ShareNotFound("read what was seen: GET /customers/v1/customers/{id}/shelf")
        await audit.enter(transaction, by, "shelf_share.withdrawn", id_)


async def _hold(transaction: Connection, customer_id: UUID, viewer: UUID | None) -> None:
    if not await locks.customers(transaction, [customer_id], viewer=viewer):
        raise CustomerNotFound("no customer has this id")
