"""What is published of rebates."""

from datetime import datetime

from services.customers.rebates.domain import Rebate
from shared.bus.event import Event
from shared.contracts.rebates import RebateAgreed


def agreed(rebate: Rebate, at: datetime) -> Event:
    """An agreement as it stands."""
    fact = RebateAgreed(
        customer_id=rebate.customer_id,
        rebate_id=rebate.id,
        brand_id=rebate.brand_id,
        starts_on=rebate.starts_on,
        ends_on=rebate.ends_on,
        withdrawn=rebate.withdrawn_at is not None,
        at=at,
    )
    return Event.of(fact, aggregate_id=rebate.id, version=rebate.version, at=at)
