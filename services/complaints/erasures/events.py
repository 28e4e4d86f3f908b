"""What is published of an erasure."""

from datetime import datetime

from services.complaints.erasures.domain import Erasing
from shared.bus.event import Event
from shared.contracts.complaints import FACTS
from shared.contracts.confirmations import ErasureConfirmed


def confirmed(erasing: Erasing, at: datetime) -> Event:
    """That complaints keeps nothing of the person any more."""
    fact = ErasureConfirmed(erasure_id=erasing.erasure_id, service="complaints", removed=dict(erasing.removed), at=at)
    return Event.of(fact, aggregate_id=erasing.erasure_id, version=1, at=at, topic=FACTS)
