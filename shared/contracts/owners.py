"""What customers publishes of who owns stores: ids alone."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.contracts.base import Fact
from shared.contracts.customers import FACTS


class CustomerOwnerChanged(Fact):
    """A store is this owner's (None: nobody's) from a moment on. It `changed_hands`: whoever consented for it does so
    no longer; else an entry was put right, or nobody had said before."""

    TYPE: ClassVar[str] = "crm.customer.owner_changed"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    owner_id: UUID | None = None
    from_owner_id: UUID | None = None
    since: datetime
    changed_hands: bool
    at: datetime
