"""Purchases as customers tells of them, for tests of complaints."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from shared.bus.event import Event
from shared.contracts.base import Fact
from shared.contracts.customers import PurchaseLine, PurchaseRecorded, PurchaseReturned, PurchaseReversed
from shared.ids import new_id
from tests.support import OneService

Lines = tuple[tuple[str, str | None, int], ...]
"""Product, batch and pieces of each line."""


async def tell(service: OneService, fact: Fact, purchase_id: UUID, version: int, *, historical: bool = False) -> None:
    """Delivers an event of a purchase, whose aggregate is the purchase."""
    now = service.clock.now()
    await service.deliver([Event.of(fact, aggregate_id=purchase_id, version=version, at=now, historical=historical)])


async def buy(
    service: OneService,
    customer_id: UUID,
    *lines: tuple[str, str | None, int],
    at: datetime | None = None,
    amount: str = "100.00",
    historical: bool = False,
) -> UUID:
    """The customer buys, now unless another moment is given; the purchase's id."""
    id_ = new_id()
    fact = PurchaseRecorded(
        customer_id=customer_id,
        purchase_id=id_,
        amount=Decimal(amount),
        occurred_at=at or service.clock.now(),
        lines=_lines(lines),
    )
    await tell(service, fact, id_, 1, historical=historical)
    return id_


async def give_back(
    service: OneService,
    customer_id: UUID,
    purchase_id: UUID,
    *lines: tuple[str, str | None, int],
    amount: str = "-10.00",
    version: int = 2,
) -> UUID:
    """Something of a purchase comes back; quantities and amount are negative. The return's id."""
    return_id = new_id()
    fact = PurchaseReturned(
        customer_id=customer_id,
        purchase_id=purchase_id,
        return_id=return_id,
        amount=Decimal(amount),
        occurred_at=service.clock.now(),
        lines=_lines(lines),
    )
    await tell(service, fact, purchase_id, version)
    return return_id


async def undo(
    service: OneService,
    customer_id: UUID,
    purchase_id: UUID,
    *lines: tuple[str, str | None, int],
    amount: str,
    return_id: UUID | None = None,
    at: datetime | None = None,
    version: int = 2,
) -> None:
    """An entry was a mistake: a purchase, or the return that is named."""
    fact = PurchaseReversed(
        customer_id=customer_id,
        purchase_id=purchase_id,
        return_id=return_id,
        amount=Decimal(amount),
        occurred_at=at or service.clock.now(),
        at=service.clock.now(),
        lines=_lines(lines),
    )
    await tell(service, fact, purchase_id, version)


def _lines(lines: Lines) -> list[PurchaseLine]:
    return [PurchaseLine(product=product, batch=batch, quantity=quantity) for product, batch, quantity in lines]
