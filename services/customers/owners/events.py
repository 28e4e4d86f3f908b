"""What is published of owners: whose a store is, by id; never who that is."""

from datetime import datetime

from services.customers.owners.domain import Ownership
from shared.bus.event import Event
from shared.contracts.owners import CustomerOwnerChanged


def owner_changed(after: Ownership, before: Ownership | None, changed_hands: bool, at: datetime) -> Event:
    """A store is somebody's from a moment on."""
    fact = CustomerOwnerChanged(
        customer_id=after.customer_id,
        owner_id=after.owner_id,
        from_owner_id=before.owner_id if before is not None else None,
        since=after.since,
        changed_hands=changed_hands,
        at=at,
    )
    return Event.of(fact, aggregate_id=after.id, version=after.version, at=at)
