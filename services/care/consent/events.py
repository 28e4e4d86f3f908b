"""The events that tell of consent. The customer is the aggregate, the sheet's version its version."""

from collections.abc import Iterable
from uuid import UUID

from services.care.consent.domain.choices import About, Choice
from shared.bus.event import Event
from shared.contracts.care import ConsentWithdrawn


def withdrawn(customer_id: UUID, abouts: Iterable[About], choice: Choice, version: int) -> list[Event]:
    """One for each channel and purpose that the choice withdraws."""
    facts = [
        ConsentWithdrawn(customer_id=customer_id, channel=means, purpose=purpose, at=choice.at)
        for means, purpose in abouts
    ]
    return [Event.of(fact, aggregate_id=customer_id, version=version, at=choice.at) for fact in facts]
