"""The events that tell of consent. The customer is the aggregate, the sheet's version its version."""

from uuid import UUID

from services.care.consent.domain.choices import Choices
from shared.bus.event import Event
from shared.contracts.care import ConsentWithdrawn


def withdrawn(customer_id: UUID, choices: Choices, version: int) -> list[Event]:
    """One for each of the choices that withdraws. By what that is shown is in none."""
    facts = [
        ConsentWithdrawn(customer_id=customer_id, channel=means, purpose=purpose, at=choice.at)
        for (means, purpose), choice in choices.items()
        if not choice.granted
    ]
    return [Event.of(fact, aggregate_id=customer_id, version=version, at=fact.at) for fact in facts]
