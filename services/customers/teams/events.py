"""What is published of account teams.

Teams that change because somebody leaves are announced by the statement that counts their versions up (`store.py`).
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from shared.bus.event import Event
from shared.contracts.customers import AccountTeamChanged


def team_changed(customer_id: UUID, seats: Mapping[str, UUID], version: int, at: datetime) -> Event:
    """The whole team of a customer, seated just now."""
    fact = AccountTeamChanged(customer_id=customer_id, team=dict(seats))
    return Event.of(fact, aggregate_id=customer_id, version=version, at=at)
