"""What is published of losses."""

from datetime import datetime

from services.customers.losses.domain import Loss
from shared.bus.event import Event
from shared.contracts.losses import ChurnCauseSaid, ChurnConfirmed, ChurnWithdrawn


def confirmed(loss: Loss, at: datetime, *, historical: bool) -> Event:
    """That a customer is lost."""
    fact = ChurnConfirmed(
        customer_id=loss.customer_id,
        loss_id=loss.id,
        lost_on=loss.lost_on,
        tier=loss.tier,
        yearly=loss.yearly,
        cost=loss.cost,
        kind=loss.kind,
        cause=loss.cause,
        returned_on=loss.returned_on,
        at=at,
    )
    return Event.of(fact, aggregate_id=loss.id, version=loss.version, at=at, historical=historical)


def cause_said(loss: Loss, at: datetime) -> Event:
    """How and why it left, as it is said now."""
    fact = ChurnCauseSaid(customer_id=loss.customer_id, loss_id=loss.id, kind=loss.kind, cause=loss.cause, at=at)
    return Event.of(fact, aggregate_id=loss.id, version=loss.version, at=at)


def withdrawn(loss: Loss, at: datetime, *, historical: bool) -> Event:
    """That a customer who was told to be lost never was."""
    fact = ChurnWithdrawn(
        customer_id=loss.customer_id, loss_id=loss.id, lost_on=loss.lost_on, found_at=loss.found_at, at=at
    )
    return Event.of(fact, aggregate_id=loss.id, version=loss.version, at=at, historical=historical)
