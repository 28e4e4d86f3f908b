"""What is published of an erasure."""

from services.customers.erasures.domain import Erasure
from shared.bus.event import Event
from shared.contracts.erasures import PersonErased


def erased(erasure: Erasure) -> Event:
    """That whoever keeps anything of the person removes it."""
    fact = PersonErased(
        erasure_id=erasure.id,
        person_id=erasure.person_id,
        kind=erasure.kind,
        customer_id=erasure.customer_id,
        merged_ids=list(erasure.merged_ids),
        at=erasure.asked_at,
    )
    return Event.of(fact, aggregate_id=erasure.id, version=1, at=erasure.asked_at)
