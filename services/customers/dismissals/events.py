"""What is published of dismissals without a case."""

from services.customers.dismissals.domain import Dismissal
from shared.bus.event import Event
from shared.contracts.winbacks import CustomerDismissalWithdrawn, CustomerDismissed


def dismissed(of: Dismissal) -> Event:
    """That a customer is not to be kept, and what that means."""
    fact = CustomerDismissed(
        customer_id=of.customer_id,
        dismissal_id=of.id,
        means=of.means,
        approver_id=of.approver_id,
        at=of.decided_at,
    )
    return Event.of(fact, aggregate_id=of.id, version=of.version, at=of.decided_at)


def withdrawn(of: Dismissal) -> Event:
    """That it is to be kept after all."""
    at = of.withdrawn_at or of.decided_at
    fact = CustomerDismissalWithdrawn(customer_id=of.customer_id, dismissal_id=of.id, at=at)
    return Event.of(fact, aggregate_id=of.id, version=of.version, at=at)
