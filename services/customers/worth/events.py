"""What is published when a customer turned, or came into another stage."""

from datetime import datetime

from services.customers.worth.domain.judging import Worth
from shared.bus.event import Event
from shared.contracts.worth import LifecycleChanged, SegmentChanged


def segment_changed(before: Worth, after: Worth, at: datetime, *, historical: bool) -> Event:
    """Under the version that `after` has."""
    was, together = before.together, after.together
    fact = SegmentChanged(
        customer_id=after.customer_id,
        loyalty=after.loyalty,
        credit=after.credit,
        size=after.size,
        loyalty_credit=together.loyalty_credit,
        loyalty_size=together.loyalty_size,
        cell=together.cell,
        value=after.value,
        loyalty_score=after.loyalty_score,
        credit_score=after.credit_score,
        monthly=after.monthly,
        was_loyalty_credit=was.loyalty_credit,
        was_loyalty_size=was.loyalty_size,
        was_cell=was.cell,
        was_value=before.value,
        at=at,
        policy_version=after.policy_version,
        policy_id=after.policy_id,
    )
    return Event.of(fact, aggregate_id=after.id, version=after.version, at=at, historical=historical)


def lifecycle_changed(before: Worth, after: Worth, at: datetime, *, historical: bool) -> Event:
    """Likewise."""
    fact = LifecycleChanged(
        customer_id=after.customer_id,
        from_stage=before.stage,
        to_stage=after.stage,
        since=after.since,
        at=at,
        policy_version=after.policy_version,
        policy_id=after.policy_id,
    )
    return Event.of(fact, aggregate_id=after.id, version=after.version, at=at, historical=historical)
